import { expect, test } from 'vitest';
import { explainFailure, redact, remoteWords } from './git-failure.ts';
import type { GitRun } from './run-git.ts';

const run = (stderr: string, more: Partial<GitRun> = {}): GitRun => ({
  exitCode: 128,
  stdout: '',
  stderr,
  durationMs: 1234,
  ...more,
});

test.each([
  ['transient', 'fatal: remote error: upload-pack: not our ref 0000000000000000000000000000000000000000'],
  ['transient', "error: cannot lock ref 'refs/errand/a': is at 1 but expected 2"],
  ['transient', "fatal: unable to access 'http://h/q.git/': The requested URL returned error: 503"],
  ['transient', 'fatal: the remote end hung up unexpectedly'],
  ['refused', "fatal: unable to access 'http://h/q.git/': The requested URL returned error: 403"],
  ['refused', "fatal: Authentication failed for 'http://h/q.git/'"],
  ['refused', "fatal: could not read Username for 'http://h': terminal prompts disabled"],
  ['refused', 'git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.'],
  ['refused', 'Host key verification failed.\nfatal: Could not read from remote repository.'],
  ['refused', "fatal: detected dubious ownership in repository at '/q.git'"],
  ['unreachable', 'ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.'],
  ['unreachable', "fatal: unable to access 'http://h/q.git/': Could not resolve host: h"],
  ['unreachable', "fatal: '/q.git' does not appear to be a git repository\nfatal: Could not read from remote repository."],
] as const)('calls it %s when git says: %s', (kind, stderr) => {
  expect(explainFailure(run(stderr))).toMatchObject({ failure: { kind }, known: true });
});

test('knows that it does not know a text, which may mean that the clone is broken', () => {
  expect(explainFailure(run('fatal: bad object 123')).known).toBe(false);
});

test('says how it ended where git did not end by itself', () => {
  expect(explainFailure(run('', { exitCode: null, stopped: 'timed out' })).failure).toEqual({
    kind: 'unreachable',
    message: 'git gave no answer within 1 s',
  });
  expect(explainFailure(run('', { exitCode: null, stopped: 'closed' })).failure.kind).toBe('transient');
  expect(explainFailure(run('spawn git ENOENT', { exitCode: null, stopped: 'could not start' })).failure).toEqual({
    kind: 'transient',
    message: 'git could not be started: spawn git ENOENT',
  });
  expect(explainFailure(run('')).failure.message).toBe('git ended with exit status 128 and said nothing');
});

test.each(['could not start', 'output too large', 'killed', 'closed'] as const)(
  'what happened to git on this machine (%s) is no refusal of the remote, and nothing is wrong with the clone',
  (stopped) => {
    const told = explainFailure(run('spawn git EAGAIN: permission denied', { exitCode: null, stopped }));
    expect(told).toMatchObject({ failure: { kind: 'transient' }, known: true });
  },
);

test('puts what git said into one line without noise and credentials', () => {
  const text = [
    'remote: no such luck',
    'hint: try something else',
    "fatal: unable to access 'https://ada:s3cret@h.example/q.git/': HTTP\tfailed",
    'Please make sure you have the correct access rights',
    'and the repository exists.',
  ].join('\n');
  expect(explainFailure(run(text)).failure.message).toBe(
    "no such luck; unable to access 'https://h.example/q.git/': HTTP failed",
  );
});

test('takes credentials out of URLs and headers', () => {
  expect(redact('https://token@h/q and ssh://git@h/q')).toBe('https://h/q and ssh://h/q');
  expect(redact('https://a:p@ss@h/q')).toBe('https://h/q');
  expect(redact('> Authorization: Basic d29ya2VyOnNlY3JldA==')).toBe('> Authorization: …');
  expect(redact('git@h:q.git and a@b')).toBe('git@h:q.git and a@b');
});

test('of a refused push the words of the hook are told, and not what git says of the hook', () => {
  const stderr = [
    'remote: no pushes on \u001b[2JFriday        ',
    'remote:         ',
    'remote: error: hook declined to update refs/heads/main        ',
    "error: failed to push some refs to 'https://ada:s3cret@h.example/q.git'",
  ].join('\n');
  expect(remoteWords(stderr)).toBe('no pushes on  [2JFriday');
  expect(remoteWords("error: failed to push some refs to '/q.git'")).toBe('');
});
