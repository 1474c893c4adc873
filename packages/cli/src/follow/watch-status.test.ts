import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Io } from '../command.ts';
import { AT_ONCE, beatOf, claimOf, FollowScene, nonceOf } from '../rig/follow-scene.ts';
import { watchStatus } from './watch-status.ts';

interface Watching {
  /** Everything printed so far, a piece for each time. */
  printed: string[];
  /** Returns once so much has been printed. */
  until(pieces: number): Promise<void>;
  stop(): void;
  ended: Promise<unknown>;
}

function watch(scene: FollowScene, io: Partial<Io>, options: { json?: true } = {}): Watching {
  const printed: string[] = [];
  const abort = new AbortController();
  let heard = (): void => {};
  const out = (text: string): void => {
    printed.push(text);
    heard();
  };
  const note = (text: string): void => {
    throw new Error(text);
  };
  const full = {
    env: {},
    cwd: '/',
    stdin: process.stdin,
    out,
    outOrNote: out,
    note,
    terminal: false,
    colour: false,
    columns: 80,
    rows: 24,
    ...io,
  };
  const ended = watchStatus(
    full,
    scene.queue,
    { ...options, stateDir: scene.stateDir },
    { signal: abort.signal, rhythm: AT_ONCE },
  );
  const until = async (pieces: number): Promise<void> => {
    while (printed.length < pieces) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  return { printed, until, stop: () => abort.abort(), ended };
}

test('where there is no terminal a report is printed when something has changed, and only then', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': 'x\n' });
  const watching = watch(scene, {});
  await watching.until(1);
  await scene.looked();
  await scene.commit({ 'tasks/b.md': 'x\n' });
  await watching.until(2);
  await scene.looked();
  watching.stop();
  expect(await watching.ended).toEqual({ ok: true });
  expect(watching.printed).toHaveLength(2);
  expect(watching.printed[0]).toMatch(/^memory:queue[\s\S]*Tasks \(1 open\)/);
  expect(watching.printed[1]).toContain('Tasks (2 open)');
});

test('for programs every report is one line', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': 'x\n' });
  const watching = watch(scene, { terminal: true }, { json: true });
  await watching.until(1);
  await scene.commit({ 'tasks/a.md': null });
  await watching.until(2);
  watching.stop();
  await watching.ended;
  expect(
    watching.printed
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { schema: 1, tasks: [{ id: 'a' }] },
    { schema: 1, tasks: [] },
  ]);
});

test('on a terminal frames are drawn over one another, never higher or wider than it, and the terminal is given back', async () => {
  await using scene = new FollowScene();
  await scene.commit(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`tasks/task-${i}.md`, 'x\n'])));
  const watching = watch(scene, { terminal: true, rows: 12, columns: 40 });
  await watching.until(4);
  watching.stop();
  await watching.ended;
  const [entered, ...rest] = watching.printed;
  const left = rest.pop();
  expect(entered).toContain('\u001b[?25l');
  expect(left).toContain('\u001b[?25h');
  for (const frame of rest) {
    expect(frame.startsWith('\u001b[?2026h\u001b[H')).toBe(true);
    expect(frame.endsWith('\u001b[?2026l')).toBe(true);
    expect(frame).not.toContain('\u001b[2J');
    const lines = stripVTControlCharacters(frame).split('\r\n');
    expect(lines).toHaveLength(12);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(40);
    expect(lines.at(-1)).toMatch(/^… \d+ more lines: errand status$/);
  }
});

test('a terminal that can only print gets what a pipe gets', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': 'x\n' });
  const watching = watch(scene, { terminal: true, env: { TERM: 'dumb' } });
  await watching.until(1);
  watching.stop();
  await watching.ended;
  expect(watching.printed.join('')).not.toContain('\u001b');
});

test('a heartbeat, and what an attempt says, is no news where reports are printed', async () => {
  await using scene = new FollowScene();
  const claim = claimOf('a');
  await scene.commit({ 'tasks/a.md': 'x\n' });
  const runs = [{ nonce: claim.nonce, id: 'a', attempt: 1, phase: 'running' as const, turns: 1 }];
  await scene.record('a', claim);
  await scene.beat(beatOf('pi', { runs, nonce: nonceOf(3) }));
  const watching = watch(scene, {});
  await watching.until(1);
  await scene.beat(beatOf('pi', { runs: runs.map((run) => ({ ...run, turns: 2 })), nonce: nonceOf(4) }));
  await scene.log('a', claim.nonce, JSON.stringify({ type: 'says', at: '2026-11-20T09:01:00.000Z', text: 'hello' }));
  await scene.looked();
  await scene.commit({ 'tasks/b.md': 'x\n' });
  await watching.until(2);
  watching.stop();
  await watching.ended;
  expect(watching.printed.map((text) => text.includes('Tasks (2 open)'))).toEqual([false, true]);
});

test('an outage is shown with what was last seen, and then what is there now', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': 'x\n' });
  const watching = watch(scene, {});
  await watching.until(1);
  scene.remote.goAway();
  await watching.until(2);
  scene.remote.comeBack();
  await watching.until(3);
  watching.stop();
  await watching.ended;
  expect(watching.printed[1]).toMatch(/The remote is away, as of \d+ s ago[\s\S]*Tasks \(1 open\)/);
  expect(watching.printed[2]).not.toContain('away');
});

test('a queue of which nothing was ever seen is an error of the environment', async () => {
  await using scene = new FollowScene();
  scene.remote.goAway();
  expect(await watch(scene, {}).ended).toMatchObject({ ok: false, failure: { kind: 'environment', code: 'remote-away' } });
});
