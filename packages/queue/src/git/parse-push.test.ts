import { expect, test } from 'vitest';
import { parsePushAnswer } from './parse-push.ts';

const OID = '1'.repeat(40);

test('reads every flag that git prints', () => {
  const answer = parsePushAnswer(
    [
      'To file:///tmp/queue.git',
      `*\t${OID}:refs/errand/tasks/new\t[new reference]`,
      ` \t${OID}:refs/heads/main\tf64eb4d..9728d87`,
      `+\t${OID}:refs/errand/workers/pi\tf64eb4d...9728d87 (forced update)`,
      '-\t:refs/errand/tasks/gone\t[deleted]',
      `=\t${OID}:refs/errand/tasks/same\t[up to date]`,
      `!\t${OID}:refs/errand/tasks/lost\t[rejected] (stale info)`,
      '!\t(delete):refs/errand/tasks/lost-too\t[rejected] (stale info)',
      `!\t${OID}:refs/errand/tasks/hook\t[remote rejected] (hook declined)`,
      `!\t${OID}:refs/errand/tasks/silent\t[remote failure] (remote failed to report status)`,
      'Done',
      '',
    ].join('\n'),
  );
  expect(Object.fromEntries(answer ?? [])).toEqual({
    'refs/errand/tasks/new': { state: 'accepted' },
    'refs/heads/main': { state: 'accepted' },
    'refs/errand/workers/pi': { state: 'accepted' },
    'refs/errand/tasks/gone': { state: 'accepted' },
    'refs/errand/tasks/same': { state: 'rejected', reason: 'up to date' },
    'refs/errand/tasks/lost': { state: 'rejected', reason: 'stale info' },
    'refs/errand/tasks/lost-too': { state: 'rejected', reason: 'stale info' },
    'refs/errand/tasks/hook': { state: 'declined', reason: 'hook declined' },
    'refs/errand/tasks/silent': { state: 'unknown' },
  });
});

test('takes no answer for definite that does not end in Done', () => {
  expect(parsePushAnswer('')).toBeNull();
  expect(parsePushAnswer(`To x\n*\t${OID}:refs/a\t[new reference]\n`)).toBeNull();
  expect(parsePushAnswer(`To x\nDone\n*\t${OID}:refs/a\t[new reference]\n`)).toBeNull();
});

test.each([
  'failed to update ref',
  'cannot lock ref',
  "cannot lock ref 'refs/heads/main': is at 1 but expected 2",
  'incorrect old value provided',
  'atomic transaction failed',
  'atomic push failure',
  'reference already exists',
  'fetch first',
])('calls a race lost at the server rejected: %s', (reason) => {
  const answer = parsePushAnswer(`To x\n!\t${OID}:refs/a\t[remote rejected] (${reason})\nDone\n`);
  expect(answer?.get('refs/a')).toEqual({ state: 'rejected', reason });
});

test.each([
  'pre-receive hook declined',
  'hook declined',
  'protected branch hook declined',
  'non-fast-forward',
  'deny updating a hidden ref',
  'push declined due to repository rule violations',
])('calls what will be refused again declined: %s', (reason) => {
  const answer = parsePushAnswer(`To x\n!\t${OID}:refs/a\t[remote rejected] (${reason})\nDone\n`);
  expect(answer?.get('refs/a')).toEqual({ state: 'declined', reason });
});
