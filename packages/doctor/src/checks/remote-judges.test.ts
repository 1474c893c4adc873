import { expect, test } from 'vitest';
import type { RemoteFacts, Tried } from '../remote/facts.ts';
import { judgeAtomic } from './atomic.ts';
import { judgeBranch } from './branch.ts';
import { judgeCustomRefs } from './custom-refs.ts';
import { judgeDeletion } from './deletion.ts';
import { judgeFilters } from './filters.ts';
import { judgeLeases } from './leases.ts';
import { judgeLeftovers, judgeRefCount } from './ref-count.ts';
import { judgeRemote } from './remote.ts';

const ACCEPTED: Tried = { state: 'accepted' };
const NOT_TRIED: Tried = { state: 'not tried', why: 'it was not' };
const refused = (reason: string, said = ''): Tried => ({ state: 'refused', reason, said, outrun: false });

/** What a sound remote shows. */
const SOUND: RemoteFacts = {
  remote: 'ssh://git@host.example:2222/srv/queue.git',
  branch: 'main',
  away: null,
  look: { refs: [{ name: 'refs/heads/main', oid: 'a'.repeat(40) }], head: 'refs/heads/main', tip: 'a'.repeat(40) },
  latency: { aloneMs: 280, keptMs: 27 },
  create: ACCEPTED,
  readBack: 'yes',
  remove: ACCEPTED,
  staleUpdate: refused('failed to update ref'),
  staleCreate: refused('failed to update ref'),
  replace: ACCEPTED,
  atomicHalf: refused('atomic transaction failed'),
  branchPush: ACCEPTED,
  filter: 'yes',
  single: 'yes',
  leftBehind: null,
  leftovers: [],
};
const JUDGES = [judgeRemote, judgeCustomRefs, judgeDeletion, judgeLeases, judgeAtomic, judgeBranch, judgeFilters, judgeRefCount];
const judge = (changes: Partial<RemoteFacts>) =>
  JUDGES.flatMap((one) => one({ ...SOUND, ...changes })).filter(({ state }) => state !== 'ok');

test('a sound remote gives no finding', () => {
  expect(judge({})).toEqual([]);
});

test.each<[string, Partial<RemoteFacts>, object]>([
  ['a broken lease that was taken', { staleUpdate: ACCEPTED }, { state: 'fault', what: expect.stringContaining('out of date') }],
  [
    '"must not exist" that was not kept',
    { staleCreate: ACCEPTED },
    { state: 'fault', what: expect.stringContaining('out of date') },
  ],
  ['a lease that was not tested', { staleUpdate: NOT_TRIED }, { state: 'note', why: 'it was not' }],
  ['one half of an atomic push', { atomicHalf: ACCEPTED }, { state: 'fault', what: expect.stringContaining('one half') }],
  [
    'a branch that was not tested',
    { branchPush: NOT_TRIED },
    { state: 'note', what: expect.stringContaining('not tested'), why: 'it was not' },
  ],
  [
    'a protected branch',
    { branchPush: refused('protected branch hook declined') },
    { state: 'fault', remedy: expect.stringMatching(/^At the git host, .* main/) },
  ],
  ['a full disk there', { create: refused('unpacker error') }, { state: 'fault', remedy: expect.stringContaining('make room') }],
  [
    'a server that filters nothing',
    { filter: 'no' },
    { state: 'note', command: 'git -C /srv/queue.git config uploadpack.allowFilter true' },
  ],
  ['the old protocol', { single: 'no' }, { state: 'warning', remedy: expect.stringContaining('AcceptEnv GIT_PROTOCOL') }],
  [
    'a slow remote',
    { latency: { aloneMs: 9_000, keptMs: 5_000 } },
    { state: 'warning', what: expect.stringContaining('5000 ms') },
  ],
])('%s is named', (_, changes, expected) => {
  expect(judge(changes)).toEqual([expect.objectContaining(expected)]);
});

test('the command for a server is one for the path that the address names; where it names none, for REPOSITORY', () => {
  const unknown: Tried = { state: 'unknown', said: 'the receiving end does not support --atomic push' };
  const commandOver = (remote: string) => judge({ remote, atomicHalf: unknown })[0]?.command;
  const rest = 'config receive.advertiseAtomic true';
  expect(commandOver('ssh://git@host.example:2222/srv/my%20queue.git')).toBe(`git -C '/srv/my queue.git' ${rest}`);
  expect(commandOver('me@host.example:queue.git')).toBe(`git -C queue.git ${rest}`);
  expect(commandOver("/srv/it's.git")).toBe(`git -C '/srv/it'\\''s.git' ${rest}`);
  expect(commandOver('https://me:secret@host.example/queue.git')).toBe(`git -C REPOSITORY ${rest}`);
  // What the shell there must fill in is not quoted, and a percent sign may stand for itself.
  expect(commandOver('pi:~/my queue.git')).toBe(`git -C ~/'my queue.git' ${rest}`);
  expect(commandOver('ssh://pi/~me/queue.git')).toBe(`git -C ~me/queue.git ${rest}`);
  expect(commandOver('ssh://pi/~$(id)/queue.git')).toBe(`git -C '~$(id)/queue.git' ${rest}`);
  expect(commandOver('git@[::1]:queue.git')).toBe(`git -C queue.git ${rest}`);
  expect(commandOver('ssh://pi/srv/100%.git')).toBe(`git -C /srv/100%.git ${rest}`);
});

test('a remote that does not answer is to be asked by hand, at its address without its password', () => {
  const commandFor = (remote: string) => judge({ remote, away: { kind: 'unreachable', message: 'timed out' } })[0]?.command;
  expect(commandFor('ssh://git@host.example:2222/q.git')).toBe('git ls-remote ssh://git@host.example:2222/q.git');
  expect(commandFor('https://t0ken@host.example/q.git')).toBe('git ls-remote https://host.example/q.git');
  expect(commandFor('https://me:secret@host.example/q.git')).toBe('git ls-remote https://host.example/q.git');
  expect(commandFor("pi:it's.git")).toBe("git ls-remote 'pi:it'\\''s.git'");
});

test("of the server's words only a path in the repository becomes part of a command, quoted", () => {
  const commandFor = (remote: string, lock: string) =>
    judge({ remote, create: refused('failed', `error: Unable to create '${lock}': File exists.`) })[0]?.command;
  expect(commandFor('/srv/my queue.git', '/srv/my queue.git/./packed-refs.lock')).toBe("rm '/srv/my queue.git/packed-refs.lock'");
  expect(commandFor('ssh://pi/srv/q.git/', '/srv/q.git/$(id).lock')).toBe("rm '/srv/q.git/$(id).lock'");
  for (const lock of ['/etc/shadow.lock', '/srv/q.git/../x.lock', '-r /srv/q.git/x.lock', '/srv/q.gitx/y.lock', '$(id).lock'])
    expect(commandFor('/srv/q.git', lock)).toBeUndefined();
  for (const remote of ['https://host.example/srv/q.git', 'pi:q.git', 'pi:~/q.git'])
    expect(commandFor(remote, '/srv/q.git/packed-refs.lock')).toBeUndefined();
  const trust = (path: string) =>
    judge({
      remote: '/srv/q.git',
      away: { kind: 'refused', message: `detected dubious ownership in repository at '${path}'` },
    })[0]?.command;
  expect(trust('/srv/q.git')).toBe('git config --global --add safe.directory /srv/q.git');
  expect(trust('*')).toBe('git config --global --add safe.directory REPOSITORY');
});

test('a branch that is not there says how to make the queue, and no password', () => {
  const look = { ...SOUND.look, tip: null };
  expect(judge({ look, remote: 'https://me:secret@host.example/queue.git' })[0]?.command).toBe('errand init REMOTE');
  expect(judge({ look, remote: '/srv/queue.git', branch: 'tasks' })[0]?.command).toBe(
    'errand init /srv/queue.git --branch tasks',
  );
});

test('more than a thousand coordination refs are a warning; those of doctors do not count', () => {
  const refs = (count: number, kind: string) =>
    Array.from({ length: count }, (_, at) => ({ name: `refs/errand/${kind}/${at}`, oid: 'b'.repeat(40) }));
  const many = (list: RemoteFacts['look']['refs']) => judgeRefCount({ ...SOUND, look: { ...SOUND.look, refs: list } })[0]?.state;
  expect(many(refs(1_000, 'tasks'))).toBe('ok');
  expect(many(refs(1_001, 'tasks'))).toBe('warning');
  expect(many(refs(2_000, 'doctor'))).toBe('ok');
});

test('what a doctor left is a note that --fix repairs', () => {
  const leftovers = [{ name: 'refs/errand/doctor/20260101t000000-ab/a', oid: 'c'.repeat(40) }];
  expect(judgeLeftovers({ ...SOUND, leftovers }, {})).toMatchObject([{ state: 'note', repair: expect.any(Function) }]);
});
