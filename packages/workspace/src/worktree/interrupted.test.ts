import { expect, test } from 'vitest';
import { howInterrupted, repeatInterrupted, wasInterrupted } from './interrupted.ts';
import type { GitRun } from './run-git.ts';

const run = (ended: Partial<GitRun>): GitRun => ({ exitCode: null, stdout: Buffer.alloc(0), stderr: '', ...ended });
const DONE = run({ exitCode: 0 });
const KILLED = run({ stopped: 'killed' });
const UNSTARTED = run({ stopped: 'could not start', stderr: 'spawn git EAGAIN' });

/** Gives what the runs come to, and what was done. */
async function play(...runs: GitRun[]): Promise<{ last: GitRun; did: string[] }> {
  const did: string[] = [];
  const next = async (): Promise<GitRun> => {
    did.push('run');
    return runs.shift() ?? expect.fail('was run too often');
  };
  const last = await repeatInterrupted(next, async () => void did.push('tidy'), 0);
  return { last, did };
}

test('what was killed or could not be started is run again, three times in all, tidied before', async () => {
  expect(await play(KILLED, DONE)).toEqual({ last: DONE, did: ['run', 'tidy', 'run'] });
  expect(await play(UNSTARTED, KILLED, DONE)).toEqual({ last: DONE, did: ['run', 'tidy', 'run', 'tidy', 'run'] });
  expect(await play(KILLED, KILLED, UNSTARTED)).toMatchObject({ last: UNSTARTED });
});

test('what ended in any other way is not', async () => {
  const others = ['crashed', 'timed out', 'ended', 'output too large'] as const;
  for (const last of [DONE, run({ exitCode: 128 }), ...others.map((stopped) => run({ stopped }))]) {
    expect(await play(last)).toEqual({ last, did: ['run'] });
  }
});

test('a helper that was killed counts too, one that crashed does not', () => {
  const said = (stderr: string): boolean => wasInterrupted(run({ exitCode: 128, stderr }));
  expect(said('error: index-pack died of signal 9\nfatal: index-pack failed\n')).toBe(true);
  expect(said('error: index-pack died of signal 7\nfatal: index-pack failed\n')).toBe(false);
  expect(said('fatal: index-pack failed\n')).toBe(false);
});

test('says what became of it', () => {
  expect(howInterrupted(KILLED)).toBe('was killed');
  expect(howInterrupted(UNSTARTED)).toBe('could not be started: spawn git EAGAIN');
});
