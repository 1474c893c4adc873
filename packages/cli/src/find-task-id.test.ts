import { expect, test } from 'vitest';
import { findTaskId } from './find-task-id.ts';

const IDS = ['fix', 'fix-login-k3f9', 'fix-logo-a2b3', 'uptime-zz22'];

test.each([
  ['a whole id is itself, though others begin so', 'fix', 'fix'],
  ['the beginning of one id is that id', 'fix-logi', 'fix-login-k3f9'],
  ['what nothing begins with stays as it is', 'nope', 'nope'],
  ['no text at all names nothing', '', ''],
])('%s', (_title, given, id) => {
  expect(findTaskId(given, IDS)).toEqual({ ok: true, id });
});

test('where several ids begin so they are listed, and none is taken', () => {
  expect(findTaskId('fix-l', IDS)).toMatchObject({
    ok: false,
    failure: { kind: 'usage', code: 'ambiguous-id', message: '2 tasks begin with "fix-l": fix-login-k3f9, fix-logo-a2b3' },
  });
});

test('a task that is open and has a result is one task', () => {
  expect(findTaskId('up', ['uptime', 'uptime'])).toEqual({ ok: true, id: 'uptime' });
});
