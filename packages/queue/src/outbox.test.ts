import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { branchRef } from './names.ts';
import { Outbox, type OutboxEntry } from './outbox.ts';
import { before, countPushes, holdNextPush } from './rig/meddle.ts';
import { type OpenScene, overMemoryAndGit } from './rig/over-memory-and-git.ts';

let folder: TemporaryDirectory;

beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder[Symbol.asyncDispose]());

const entry = (id: string, minute = 0): OutboxEntry => ({
  id,
  content: `Do ${id}.\n`,
  subject: `add: ${id}`,
  createdAt: `2026-11-20T09:0${minute}:00.000Z`,
  commits: [],
});

async function filled(open: OpenScene, ...ids: string[]) {
  const scene = await open();
  const port = scene.clone();
  const outbox = new Outbox(join(folder.path, 'outbox'));
  for (const [index, id] of ids.entries()) await outbox.add(entry(id, index));
  const tasks = async () => [...(await scene.files()).keys()].filter((path) => path.startsWith('tasks/'));
  return { scene, port, outbox, tasks };
}

overMemoryAndGit((open) => {
  test('an empty outbox asks nobody', async () => {
    const { scene, port, outbox } = await filled(open);
    await scene.goAway();
    expect(await outbox.isEmpty()).toBe(true);
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: [] });
  });

  test('a task starts the branch of an empty repository, under its own subject', async () => {
    const { scene, port, outbox } = await filled(open, 'a');
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a'] });
    expect(await scene.files()).toEqual(new Map([['tasks/a.md', 'Do a.\n']]));
    expect(await scene.message(branchRef('main'))).toBe('add: a\n');
    expect(await outbox.isEmpty()).toBe(true);
  });

  test('several entries go in one commit, in the order in which they were filed', async () => {
    const { scene, port, outbox, tasks } = await filled(open, 'b', 'a', 'c');
    expect((await outbox.pending()).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    const sent = countPushes(port);
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['b', 'a', 'c'] });
    expect(sent.pushes).toBe(1);
    expect(await scene.message(branchRef('main'))).toBe('add: 3 tasks\n');
    expect(await tasks()).toEqual(['tasks/a.md', 'tasks/b.md', 'tasks/c.md']);
  });

  test('while the remote is away everything stays, with the reason', async () => {
    const { scene, port, outbox } = await filled(open, 'a');
    await scene.goAway();
    expect(await outbox.flush(port, 'main')).toMatchObject({ ok: false, pending: ['a'], cause: { kind: 'unreachable' } });
    await scene.comeBack();
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a'] });
  });

  test('a push whose answer was lost is found on the branch and not made twice', async () => {
    const { scene, port, outbox } = await filled(open, 'a');
    const sent = countPushes(port);
    await scene.loseNextAnswer();
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a'] });
    expect(sent.pushes).toBe(1);
  });

  test('a task that a person removed at once is not filed again, although the answer was lost', async () => {
    const { scene, port, outbox, tasks } = await filled(open, 'a');
    await scene.loseNextAnswer();
    await outbox.flush(port, 'main', { tries: 1 });
    expect((await outbox.pending()).map(({ commits }) => commits)).toEqual([[await scene.tip()]]);
    await scene.commit({ 'tasks/a.md': null });
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a'] });
    expect(await tasks()).toEqual([]);
  });

  test('a push that is delivered late, after it was tried again, files the task once', async () => {
    const { scene, port, outbox, tasks } = await filled(open, 'a');
    const held = holdNextPush(port);
    expect(await outbox.flush(port, 'main')).toMatchObject({ ok: false, pending: ['a'] });
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a'] });
    expect(await held.deliver()).toBe(true);
    expect(await tasks()).toEqual(['tasks/a.md']);
    expect(await scene.parents((await scene.tip()) ?? '')).toEqual([]);
  });

  test('a push that is delivered before it is tried again counts, also when the task is gone by then', async () => {
    const { scene, port, outbox, tasks } = await filled(open, 'a');
    await scene.commit({ 'README.md': 'x' });
    const held = holdNextPush(port);
    await outbox.flush(port, 'main');
    expect(await held.deliver()).toBe(true);
    await scene.commit({ 'tasks/a.md': null });
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a'] });
    expect(await tasks()).toEqual([]);
  });

  test('a branch that others move is tried again on the new tip', async () => {
    const { scene, port, outbox, tasks } = await filled(open, 'a');
    let others = 3;
    before(port, 'push', async () => {
      if (others-- > 0) await scene.commit({ [`notes/${others}.txt`]: 'x' });
    });
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a'] });
    expect(await tasks()).toEqual(['tasks/a.md']);
    expect([...(await scene.files()).keys()].filter((path) => path.startsWith('notes/'))).toHaveLength(3);
  });

  test('a server that refuses the commit is said at once and everything stays', async () => {
    const { scene, port, outbox } = await filled(open, 'a', 'b');
    await scene.refuseAll();
    const sent = countPushes(port);
    const flushed = await outbox.flush(port, 'main');
    expect(flushed).toEqual({
      ok: false,
      sent: [],
      pending: ['a', 'b'],
      cause: { kind: 'declined', message: expect.stringMatching(/^the server refused the commit: hook declined/) },
    });
    // Together, then each alone.
    expect(sent.pushes).toBe(3);
    expect((await outbox.pending()).map(({ commits }) => commits)).toEqual([[], []]);
  });

  test('a task that the server does not take never keeps the others', async () => {
    const { scene, port, outbox, tasks } = await filled(open, 'a', 'b', 'c');
    await scene.refuseContent('Do b.');
    const flushed = await outbox.flush(port, 'main');
    expect(flushed).toMatchObject({ ok: false, sent: ['a', 'c'], pending: ['b'], cause: { kind: 'declined' } });
    expect(await tasks()).toEqual(['tasks/a.md', 'tasks/c.md']);
  });

  test('a branch that is gone while the queue is in use is not started anew', async () => {
    const { scene, port, outbox } = await filled(open, 'a');
    await port.push([
      {
        ref: 'refs/errand/workers/pi',
        to: await port.writeCommit({ tree: await port.writeTree([]), parents: [], message: 'x' }),
        expect: null,
      },
    ]);
    expect(await outbox.flush(port, 'main')).toMatchObject({ ok: false, pending: ['a'], cause: { kind: 'refused' } });
    expect((await scene.refs()).has(branchRef('main'))).toBe(false);
  });

  test('a file that cannot be read is set aside and keeps nobody else', async () => {
    const { port, outbox } = await filled(open, 'a');
    await writeFile(join(folder.path, 'outbox', 'b.json'), '{ "id": "b", ');
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a'] });
    expect(await readdir(join(folder.path, 'outbox'))).toEqual(['b.json.damaged']);
  });

  test('an id that another task took first is filed under a name of its own, and neither text is lost', async () => {
    const { scene, port, outbox, tasks } = await filled(open, 'a');
    await outbox.flush(port, 'main');
    await outbox.add({ ...entry('a'), content: 'Do something else.\n' });
    const flushed = await outbox.flush(port, 'main');
    const renamed = (await tasks()).find((path) => path !== 'tasks/a.md') ?? '';
    expect(renamed).toMatch(/^tasks\/a-[0-9a-f]{4}\.md$/);
    expect(flushed).toEqual({ ok: true, sent: [renamed.slice('tasks/'.length, -'.md'.length)] });
    expect((await scene.files()).get('tasks/a.md')).toBe('Do a.\n');
    expect((await scene.files()).get(renamed)).toBe('Do something else.\n');
  });

  test('a task that is filed under the same id while another is on its way is not lost with it', async () => {
    const { scene, port, outbox } = await filled(open, 'a');
    const later = { ...entry('a', 1), content: 'Do something else.\n' };
    const ids: string[] = [];
    before(port, 'push', async () => {
      if (ids.length === 0) ids.push(await outbox.add(later));
    });
    expect(await outbox.flush(port, 'main')).toEqual({ ok: true, sent: ['a', ...ids] });
    expect(await scene.files()).toEqual(
      new Map([
        ['tasks/a.md', 'Do a.\n'],
        [`tasks/${ids[0]}.md`, 'Do something else.\n'],
      ]),
    );
  });

  test.each(['fetch', 'push'] as const)(
    'an entry that another took the place of before the %s stays, and is sent too',
    async (moment) => {
      const { scene, port, outbox } = await filled(open, 'a');
      const other = { ...entry('a', 1), content: 'Do something else.\n' };
      let replaced = false;
      before(port, moment, async () => {
        if (!replaced) await writeFile(join(folder.path, 'outbox', 'a.json'), JSON.stringify(other));
        replaced = true;
      });
      expect(await outbox.flush(port, 'main')).toMatchObject({ ok: true, sent: ['a', expect.stringMatching(/^a-[0-9a-f]{4}$/)] });
      expect([...(await scene.files()).values()].sort()).toEqual(['Do a.\n', 'Do something else.\n']);
    },
  );
});

test('of many that file a task under one id at once, each has its own, and each says which', async () => {
  const path = join(folder.path, 'outbox');
  const texts = Array.from({ length: 12 }, (_, number) => `Do ${number}.\n`);
  const filed = await Promise.all(
    texts.map(async (content) => [await new Outbox(path).add({ ...entry('a'), content }), content] as const),
  );
  const pending = await new Outbox(path).pending();
  expect(new Map(pending.map(({ id, content }) => [id, content]))).toEqual(new Map(filed));
  expect(pending).toHaveLength(texts.length);
  expect((await readdir(path)).filter((name) => !name.endsWith('.json'))).toEqual([]);
});

test('the same task under the same id is there already, with what is known of it', async () => {
  const outbox = new Outbox(join(folder.path, 'outbox'));
  expect(await outbox.add({ ...entry('a'), commits: ['c1'] })).toBe('a');
  expect(await outbox.add(entry('a', 1))).toBe('a');
  expect(await outbox.pending()).toEqual([{ ...entry('a'), commits: ['c1'] }]);
});

test('an id that has its full length keeps within it, also where its suffix is taken', async () => {
  const outbox = new Outbox(join(folder.path, 'outbox'));
  const id = 'a'.repeat(80);
  await outbox.add(entry(id));
  const other = { ...entry(id), content: 'Do something else.\n' };
  const suffixed = await outbox.add(other);
  expect(suffixed).toMatch(/^a{75}-[0-9a-f]{4}$/);
  await writeFile(join(folder.path, 'outbox', `${suffixed}.json`), 'not a task');
  expect(await outbox.add(other)).toMatch(/^a{74}-[0-9a-f]{5}$/);
});
