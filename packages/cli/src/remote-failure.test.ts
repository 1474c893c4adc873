import { expect, test } from 'vitest';
import { failByGit, hidePassword } from './remote-failure.ts';

test.each([
  ['https://me:secret@host/q.git', 'https://host/q.git'],
  ['https://me:secret@with@signs@host/q.git', 'https://host/q.git'],
  ['https://ghp_token@host/q.git', 'https://host/q.git'],
  ['https://host/a@b/q.git', 'https://host/a@b/q.git'],
  ['ssh://git@host:22/q.git', 'ssh://git@host:22/q.git'],
  ['ssh://git:secret@host/q.git', 'ssh://git@host/q.git'],
  ['git@host:q.git', 'git@host:q.git'],
  ['/srv/q.git', '/srv/q.git'],
])('of the remote %s people are shown %s', (remote, shown) => {
  expect(hidePassword(remote)).toBe(shown);
});

test.each([
  ['/tmp/nope', /^Check the path/],
  ['file:///tmp/nope', /^Check the path/],
  ['../nope', /^Check the path/],
  ['pi:queue.git', /^Check the network/],
  ['https://host/q.git', /^Check the network/],
])('of a queue that is not there, %s, people are told to look where it should be', (remote, hint) => {
  const { failure } = failByGit(remote, { kind: 'unreachable', message: 'it is not there' });
  expect(failure.hint).toMatch(hint);
});
