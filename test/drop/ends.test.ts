import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Person, runCommand } from '@errand/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findMarked, until } from '../rig/processes.ts';
import { Scene } from '../rig/scene.ts';
import { WatchProcess } from './watch-process.ts';

const STRIKING = fileURLToPath(new URL('striking-git', import.meta.url));
let realGit: string;

beforeAll(async () => {
  const found = await runCommand('sh', ['-c', 'command -v git'], { env: { PATH: process.env.PATH ?? '' } });
  realGit = found.stdout.trim();
});

/** A queue with a result that nobody has pulled yet, and somebody with a checkout. */
async function openScene(): Promise<{ scene: Scene; ada: Person }> {
  const scene = await Scene.open();
  await scene.file({ first: 'Do it first.\n' });
  const eve = await scene.person('Eva');
  await eve.write('config/errand.yaml', '');
  await eve.commit('make the queue');
  await eve.push();
  const ada = await scene.person();
  await eve.write('results/2026-11-20/first.md', '---\nstate: done\nfinished_at: 2026-11-20T09:12:44Z\n---\nok\n');
  await eve.commit('done: first');
  await eve.push();
  return { scene, ada };
}

async function expectWhole(scene: Scene, ada: Person): Promise<void> {
  expect(await ada.git('status', '--short')).toBe('A  draft.txt\n');
  expect(await ada.git('rev-parse', 'HEAD')).toBe(await scene.remote.repository.git('rev-parse', 'main'));
  expect(await scene.files()).toEqual(['config/errand.yaml', 'results/2026-11-20/first.md', 'tasks/first.md', 'tasks/new.md']);
  expect((await readdir(join(ada.dir, '.git'))).filter((name) => /lock|errand/.test(name))).toEqual([]);
}

describe.concurrent('a watcher that is killed', () => {
  test.for(['before add', 'before commit', 'after commit', 'before merge', 'after push'])(
    '%s leaves nothing that the next one has to repair',
    async (strike, { expect: expectHere }) => {
      const { scene, ada } = await openScene();
      await using _ = scene;
      await ada.write('draft.txt', 'staged\n');
      await ada.git('add', 'draft.txt');
      await ada.writeTask('new', 'Do it.\n');
      const striking = { RIG_STRIKE: strike, RIG_STRUCK: join(scene.folder, 'struck'), RIG_GIT: realGit };
      const path = [STRIKING, ada.env.PATH].join(delimiter);
      await using first = new WatchProcess(ada, ['--once'], { PATH: path, ...striking });
      expectHere(await first.ended).toBe('SIGKILL');
      await using next = new WatchProcess(ada, ['--once']);
      expectHere([await next.ended, next.said]).toEqual([0, '']);
      await expectWhole(scene, ada);
    },
  );
});

describe('a watcher that ends', () => {
  let scene: Scene;
  let ada: Person;

  beforeAll(async () => {
    ({ scene, ada } = await openScene());
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  test('is the only one of its checkout until then; Ctrl-C lets a commit that is under way finish', async () => {
    await ada.write('draft.txt', 'staged\n');
    await ada.git('add', 'draft.txt');
    const hook = join(ada.dir, '.git/hooks/pre-commit');
    await writeFile(
      hook,
      `#!/bin/sh\nmkdir "${scene.folder}/in-hook"\nwhile ! [ -d "${scene.folder}/go" ]; do sleep 0.05; done\n`,
    );
    await chmod(hook, 0o755);
    await using watch = new WatchProcess(ada);
    await watch.tells('started');
    await using second = new WatchProcess(ada);
    expect(await second.ended).toBe(2);
    expect(JSON.parse(second.said)).toMatchObject({ error: { code: 'watched', hint: expect.stringContaining(`${watch.pid}`) } });
    await ada.writeTask('new', 'Do it.\n');
    await until(async () => (await readdir(scene.folder)).includes('in-hook'));
    watch.signal('SIGINT');
    await mkdir(join(scene.folder, 'go'));
    expect(await watch.ended).toBe(0);
    expect(await watch.tells('stopped')).toMatchObject({ unsent: ['new'] });
    expect(await ada.git('log', '-1', '--format=%s')).toBe('add: new\n');
    await using last = new WatchProcess(ada, ['--once']);
    expect(await last.ended).toBe(0);
    await expectWhole(scene, ada);
  });

  test('does so at once, and takes its git along, where the remote never answers; tasks were committed all the same', async () => {
    const ssh = join(scene.folder, 'ssh');
    await writeFile(ssh, '#!/bin/sh\nexec sleep 1000\n');
    await chmod(ssh, 0o755);
    await ada.git('remote', 'set-url', 'origin', 'ssh://nowhere.invalid/queue.git');
    await ada.write('.git/hooks/pre-commit', '#!/bin/sh\n');
    const mark = join(scene.folder, 'hanging');
    await using watch = new WatchProcess(ada, [], { GIT_SSH_COMMAND: ssh, RIG_MARK: mark });
    await watch.tells('started');
    await ada.writeTask('offline', 'Do it.\n');
    expect(await watch.tells('committed')).toMatchObject({ added: ['offline'] });
    watch.signal('SIGTERM');
    expect(await watch.ended).toBe(0);
    await until(() => findMarked(mark).length === 0);
    await using once = new WatchProcess(ada, ['--once'], { GIT_SSH_COMMAND: ssh, RIG_MARK: mark });
    await once.tells('started');
    once.signal('SIGTERM');
    // It has not done what it was asked for, and says so.
    expect(await once.ended).toBe(143);
    await until(() => findMarked(mark).length === 0);
  });
});
