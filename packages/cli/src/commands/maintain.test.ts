import { watch } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliScene, readyScene } from '../rig/cli-scene.ts';

let scene: CliScene;

beforeEach(async () => {
  scene = await readyScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

const state = (path: string): string => join(scene.dir, 'home/.local/state/errand', path);

async function layOldWorkspace(): Promise<void> {
  await mkdir(state('work/a/1'), { recursive: true, mode: 0o700 });
  await writeFile(state('work/a/1/file'), 'x'.repeat(100_000));
  await utimes(state('work/a/1'), 1, 1);
}

/** Housekeeping has seen what is there, and so much time has gone by on this machine. */
async function live(ms: number): Promise<void> {
  await scene.must('status');
  await scene.must('maintain');
  const counted = JSON.parse(await readFile(state('housekeeping.json'), 'utf8'));
  await writeFile(state('housekeeping.json'), JSON.stringify({ ...counted, livedMs: counted.livedMs + ms }));
}

test('this machine: what there was, what went, and on a dry run what would', async () => {
  await layOldWorkspace();
  await live(8 * 86_400_000);
  const dry = await scene.must('maintain', '--dry-run');
  expect(dry).toMatch(/folders of attempts +1, 0\.1 MiB +1, 0\.1 MiB/);
  expect(dry).toContain('would go');
  expect(await readdir(state('work'))).toEqual(['a']);
  expect(await scene.must('maintain')).toMatch(/folders of attempts +1, 0\.1 MiB +1, 0\.1 MiB\n/);
  expect(await readdir(state('work'))).toEqual([]);
  expect(await scene.json('maintain', '--json')).toMatchObject({
    schema: 1,
    state: state(''),
    lost: [],
    stuck: [],
    clone: 'small-enough',
  });
});

test('`keep` in the machine’s own file says how long', async () => {
  await layOldWorkspace();
  await utimes(state('work/a/1'), Date.now() / 1000 - 7200, Date.now() / 1000 - 7200);
  await live(7_200_000);
  await scene.must('maintain');
  expect(await readdir(state('work'))).toEqual(['a']);
  await scene.configure('keep: { workspaces: 1h }');
  await scene.must('maintain');
  expect(await readdir(state('work'))).toEqual([]);
});

test('a repository is packed, and what it was and is, is told; also where it is named by its URL', async () => {
  const { dir } = scene.remote.repository;
  await scene.must('delegate', 'any', 'a task');
  const said = await scene.must('maintain', dir);
  expect(said).toMatch(/branch main\n {2}size .*\n {2}loose objects {2}\d+, now \d\n/);
  expect(await scene.json('maintain', `file://${dir}`, '--json')).toMatchObject({ schema: 1, repository: dir, failure: null });
});

test('what is no queue on this disk is refused, with what to do instead', async () => {
  const { dir } = scene.remote.repository;
  const cases = [
    ['git@pi:queue.git', 2, 'ssh pi errand maintain PATH'],
    ['https://github.com/me/queue.git', 2, 'look after their repositories themselves'],
    [join(dir, 'refs'), 2, 'is not a git repository'],
    ['no-such-folder', 4, 'there is no repository at'],
  ] as const;
  for (const [named, exitCode, words] of cases) {
    const result = await scene.errand('maintain', named);
    expect([named, result.exitCode]).toEqual([named, exitCode]);
    expect(result.stderr).toContain(words);
  }
});

test('a repository that git cannot pack is said to be as it was', async () => {
  const { dir } = scene.remote.repository;
  await writeFile(join(dir, 'packed-refs.lock'), '');
  const result = await scene.errand('maintain', dir);
  expect(result.exitCode).toBe(4);
  expect(result.stderr).toContain('packed-refs.lock');
  expect(result.stderr).toContain('Nothing is lost by that');
});

test('a command of a person’s has a clone that has grown made anew by another process, and does not wait for it', async () => {
  await scene.must('status');
  const [queue = ''] = await readdir(state('queues'));
  const clone = state(`queues/${queue}/clone`);
  await writeFile(join(clone, 'objects/pack/pack-00.pack'), Buffer.alloc(9 * 2 ** 20));
  await scene.must('status');
  await new Promise<void>((resolve, reject) => {
    const look = (): void =>
      void readdir(clone).then(
        (names) => (names.includes('errand-made') ? done() : undefined),
        () => {},
      );
    const watcher = watch(state(`queues/${queue}`), look);
    const done = (): void => {
      watcher.close();
      resolve();
    };
    watcher.on('error', reject);
    look();
  });
  expect(await readdir(join(clone, 'objects/pack'))).not.toContain('pack-00.pack');
  await scene.must('status');
});
