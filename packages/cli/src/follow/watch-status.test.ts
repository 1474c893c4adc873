import { expect, test } from 'vitest';
import type { Io } from '../command.ts';
import { AT_ONCE, FollowScene } from '../rig/follow-scene.ts';
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
    note,
    terminal: false,
    colour: false,
    columns: 80,
    rows: 24,
    ...io,
  };
  const ended = watchStatus(full, scene.queue, options, { signal: abort.signal, rhythm: AT_ONCE });
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

test('on a terminal it is drawn anew at every look, and never higher than the terminal', async () => {
  await using scene = new FollowScene();
  await scene.commit(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`tasks/task-${i}.md`, 'x\n'])));
  const watching = watch(scene, { terminal: true, rows: 12 });
  await watching.until(3);
  watching.stop();
  await watching.ended;
  for (const text of watching.printed) {
    expect(text.startsWith('\u001b[H\u001b[2J')).toBe(true);
    expect(text.trimEnd().split('\n')).toHaveLength(11);
  }
  expect(watching.printed[0]).toMatch(/… \d+ more lines: errand status\n$/);
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
