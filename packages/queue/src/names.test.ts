import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { branchRef, keyHash, keyRef, parseRef, taskRef, workerRef } from './names.ts';

test('every coordination ref that is written is read back as what it is about', () => {
  expect(parseRef(taskRef('hello'))).toEqual({ kind: 'tasks', name: 'hello' });
  expect(parseRef(workerRef('pi'))).toEqual({ kind: 'workers', name: 'pi' });
  expect(parseRef(keyRef(keyHash('deploy')))).toEqual({ kind: 'keys', name: keyHash('deploy') });
});

test('refs of other kinds, deeper ones and the branch are nobody’s business here', () => {
  const foreign = [
    branchRef('main'),
    'refs/errand/',
    'refs/errand/tasks',
    'refs/errand/tasks/',
    'refs/errand/tasks/a/b',
    'refs/errand/locks/a',
  ];
  expect(foreign.map(parseRef)).toEqual(foreign.map(() => null));
});

test('a key is free text, and its ref is the first 40 hex digits of its SHA-256', () => {
  const key = 'deploy to ../prod\nÄ';
  expect(keyHash(key)).toBe(createHash('sha256').update(Buffer.from(key, 'utf8')).digest('hex').slice(0, 40));
  expect(keyRef(keyHash(key))).toMatch(/^refs\/errand\/keys\/[0-9a-f]{40}$/);
  expect(keyHash('deploy')).not.toBe(keyHash('Deploy'));
});
