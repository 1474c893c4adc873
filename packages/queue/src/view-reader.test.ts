import { MAX_BODY_BYTES } from '@errand/task';
import { expect, test } from 'vitest';
import { branchRef, keyHash, keyRef, taskRef, workerRef } from './names.ts';
import { DamagedCloneError } from './objects.ts';
import type { GitPort } from './port.ts';
import { MemoryScene } from './rig/memory-scene.ts';
import { overMemoryAndGit } from './rig/over-memory-and-git.ts';
import { claimTask, pushBeat, sampleBeat } from './rig/samples.ts';
import { need, pushAll } from './rig/scene.ts';
import { ViewReader } from './view-reader.ts';

/** A clone that counts what is asked of it. */
function counted(port: GitPort): { reads: string[]; requests: (readonly string[])[] } {
  const counts = { reads: [] as string[], requests: [] as (readonly string[])[] };
  const { read, fetchBlobs } = port;
  port.read = (oid) => {
    counts.reads.push(oid);
    return read.call(port, oid);
  };
  port.fetchBlobs = (oids) => {
    counts.requests.push([...oids]);
    return fetchBlobs.call(port, oids);
  };
  return counts;
}

async function writeBody(port: GitPort, message: string): Promise<string> {
  return port.writeCommit({ tree: await port.writeTree([]), parents: [], message });
}

overMemoryAndGit((open) => {
  test('a queue without a branch is an empty view', async () => {
    const view = await (await open()).view();
    expect(view).toMatchObject({ seq: 1, at: 0, tip: null, config: null });
    expect([view.tasks, view.results, view.records, view.workers, view.keys, view.unreadable].map((map) => map.size)).toEqual([
      0, 0, 0, 0, 0, 0,
    ]);
  });

  test('a view has tasks, results, records, workers and keys, each with the oid that a lease must name', async () => {
    const scene = await open();
    const tip = await scene.commit({
      'tasks/a.md': '---\nkey: deploy\n---\nDo it.\n',
      'results/2026-11-19/b.md': 'x',
      'src/c.c': 'C',
    });
    const port = scene.clone();
    await claimTask(port, await scene.view(port), 'a', { key: 'deploy' });
    await pushBeat(port, sampleBeat('pi'));
    const view = await scene.view(port, 1234);
    expect(view).toMatchObject({ tip, at: 1234 });
    expect(need(view.tasks, 'a')).toMatchObject({
      path: 'tasks/a.md',
      parsed: { ok: true, value: { prompt: 'Do it.', key: 'deploy' } },
    });
    expect(need(view.results, 'b').path).toBe('results/2026-11-19/b.md');
    expect(need(view.records, 'a').oid).toBe((await scene.refs()).get(taskRef('a')));
    expect(need(view.workers, 'pi').oid).toBe((await scene.refs()).get(workerRef('pi')));
    expect(need(view.keys, keyHash('deploy')).oid).toBe((await scene.refs()).get(keyRef(keyHash('deploy'))));
  });

  test('a file whose content did not come because the request broke off is not read, and is by the next view', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A' });
    const port = scene.clone();
    await port.fetch();
    const { fetchBlobs } = port;
    port.fetchBlobs = async () => ({ ok: false, cause: { kind: 'unreachable', message: 'connection reset' } });
    const reader = new ViewReader(port, 'main');
    expect(need((await reader.read(0)).tasks, 'a').parsed).toBeNull();
    port.fetchBlobs = fetchBlobs;
    expect(need((await reader.read(0)).tasks, 'a').parsed).toMatchObject({ ok: true, value: { prompt: 'A' } });
  });

  test('a view after a quiet poll reads nothing but the tip, and counts on', async () => {
    const scene = await open();
    await scene.commit({
      'tasks/a.md': 'A',
      'tasks/b.md': 'B',
      'config/errand.yaml': 'schema: 1\n',
      'results/2026-11-19/c.md': 'x',
    });
    const port = scene.clone();
    await claimTask(port, await scene.view(port), 'a');
    await port.fetch();
    const reader = new ViewReader(port, 'main');
    const first = await reader.read(0);
    const counts = counted(port);
    const second = await reader.read(1);
    const tip = await scene.tip();
    expect(counts.reads.filter((oid) => oid !== tip && oid !== first.config?.blob)).toEqual([]);
    expect(counts.requests).toEqual([]);
    expect({ ...second, seq: 0, at: 0, readAt: 0 }).toEqual({ ...first, seq: 0, at: 0, readAt: 0 });
    expect([first.seq, second.seq]).toEqual([1, 2]);
  });

  test('after a change only what changed is read', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', 'tasks/b.md': 'B', 'results/2026-11-19/c.md': 'x' });
    const port = scene.clone();
    await port.fetch();
    const reader = new ViewReader(port, 'main');
    await reader.read(0);
    await scene.commit({ 'tasks/b.md': 'B2' });
    await port.fetch();
    const counts = counted(port);
    const view = await reader.read(1);
    expect(need(view.tasks, 'b').parsed).toMatchObject({ ok: true, value: { prompt: 'B2' } });
    // Asked for alone, or come with the fetch already.
    expect([[], [[need(view.tasks, 'b').blob]]]).toContainEqual(counts.requests);
    expect(counts.reads).not.toContain(need(view.tasks, 'a').blob);
  });

  test('missing blobs are brought in one request', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', 'tasks/b.md': 'B', 'tasks/c.md': 'C' });
    const port = scene.clone();
    await port.fetch();
    const counts = counted(port);
    const view = await new ViewReader(port, 'main').read(0);
    expect(counts.requests.map((oids) => oids.length)).toEqual([3]);
    expect([...view.tasks.values()].map(({ parsed }) => parsed?.ok)).toEqual([true, true, true]);
  });

  test('a blob that the remote does not send is said of that task, and asked for again next time', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', 'tasks/b.md': 'B' });
    const port = scene.clone();
    await port.fetch();
    const blob = need((await scene.view()).tasks, 'a').blob;
    const giveBack = await scene.loseObject(blob);
    const reader = new ViewReader(port, 'main');
    const view = await reader.read(0);
    expect(need(view.tasks, 'a').parsed).toMatchObject({ ok: false, problems: [{ code: 'content-missing' }] });
    expect(need(view.tasks, 'b').parsed).toMatchObject({ ok: true });
    await giveBack();
    expect(need((await reader.read(1)).tasks, 'a').parsed).toMatchObject({ ok: true });
  });

  test('a task that is finished is known by name only: its file is not read', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', 'results/2026-11-19/a.md': 'x' });
    const port = scene.clone();
    await port.fetch();
    const counts = counted(port);
    const view = await new ViewReader(port, 'main').read(0);
    expect(need(view.tasks, 'a').parsed).toBeNull();
    expect(counts.requests).toEqual([]);
  });

  test('of two results of one task the later day counts', async () => {
    const scene = await open();
    await scene.commit({ 'results/2026-11-19/a.md': 'old', 'results/2026-11-20/a.md': 'new', 'results/note.md': 'no day' });
    const view = await scene.view();
    expect([...view.results.values()].map(({ path }) => path)).toEqual(['results/2026-11-20/a.md']);
  });

  test('a symbolic link or submodule in tasks/ is reported, and what is no task file is passed over', async () => {
    const scene = await open();
    const port = scene.clone();
    const blob = await port.writeBlob('../secret');
    const folder = await port.writeTree([{ mode: '100644', name: 'deep.md', oid: blob }]);
    const tasks = await port.writeTree([
      { mode: '120000', name: 'link.md', oid: blob },
      { mode: '160000', name: 'module.md', oid: 'ab'.repeat(20) },
      { mode: '100755', name: 'script.md', oid: await port.writeBlob('Run.') },
      { mode: '40000', name: 'folder.md', oid: folder },
      { mode: '100644', name: 'README.md', oid: blob },
      { mode: '100644', name: 'note.txt', oid: blob },
    ]);
    const tree = await port.writeTree([{ mode: '40000', name: 'tasks', oid: tasks }]);
    await pushAll(port, [
      { ref: branchRef('main'), to: await port.writeCommit({ tree, parents: [], message: 'x\n' }), expect: null },
    ]);
    const view = await scene.view();
    expect([...view.tasks.keys()].sort()).toEqual(['link', 'module', 'script']);
    expect(need(view.tasks, 'link').parsed).toMatchObject({ ok: false, problems: [{ code: 'not-a-file' }] });
    expect(need(view.tasks, 'module').parsed).toMatchObject({ ok: false, problems: [{ code: 'not-a-file' }] });
    expect(need(view.tasks, 'script').parsed).toMatchObject({ ok: true, value: { prompt: 'Run.' } });
  });

  test('refs of a later schema, without a body or beyond the size cap are listed with the reason, and the others are read', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A' });
    const port = scene.clone();
    await claimTask(port, await scene.view(port), 'a');
    const bodies: { [ref: string]: string } = {
      [taskRef('later')]: await writeBody(port, 'claimed\n\nschema: 2\nid: later\n'),
      [taskRef('bare')]: await writeBody(port, 'nothing here'),
      [workerRef('broken')]: await writeBody(port, 'running\n\nschema: 1\nmachine: [\n'),
      [keyRef(keyHash('k'))]: await writeBody(port, 'key\n\nschema: 1\nkey: k\n'),
      [taskRef('large')]: await writeBody(port, `claimed\n\nschema: 1\n# ${'x'.repeat(MAX_BODY_BYTES)}\n`),
      [taskRef('blob')]: await port.writeBlob('I am a blob'),
    };
    await pushAll(
      port,
      Object.entries(bodies).map(([ref, to]) => ({ ref, to, expect: null })),
    );
    const reading = scene.clone();
    await reading.fetch();
    const counts = counted(reading);
    const view = await new ViewReader(reading, 'main').read(0);
    expect([...view.unreadable.keys()].sort()).toEqual(Object.keys(bodies).sort());
    expect(view.unreadable.get(taskRef('later'))?.reason).toContain('schema 2');
    expect(view.unreadable.get(taskRef('large'))?.reason).toMatch(/its body has \d+ bytes/);
    expect(view.unreadable.get(taskRef('blob'))?.reason).toBe('it points to a blob');
    expect(counts.reads).not.toContain(bodies[taskRef('large')]);
    expect([...view.records.keys()]).toEqual(['a']);
  });

  test('a ref whose body is about something else is nobody’s', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', 'tasks/b.md': 'B' });
    const port = scene.clone();
    const claim = await claimTask(port, await scene.view(port), 'a');
    await pushAll(port, [
      { ref: taskRef('b'), to: claim.oid, expect: null },
      { ref: workerRef('pi'), to: claim.oid, expect: null },
    ]);
    const view = await scene.view();
    expect([...view.records.keys()]).toEqual(['a']);
    expect(view.workers.size).toBe(0);
    expect(view.unreadable.get(taskRef('b'))?.reason).toBe('its body is about refs/errand/tasks/a');
    expect(view.unreadable.has(workerRef('pi'))).toBe(true);
  });

  test('an invalid queue file is said, and the last good one goes on until it is mended or removed', async () => {
    const scene = await open();
    const port = scene.clone();
    const reader = new ViewReader(port, 'main');
    const look = async () => {
      await port.fetch();
      return reader.read(0);
    };
    await scene.commit({ 'config/errand.yaml': 'schema: 1\ntidy: never\ndefaults: { retries: 7 }\n', 'tasks/a.md': 'A' });
    expect(need((await look()).tasks, 'a').parsed).toMatchObject({ ok: true, value: { retries: 7 } });
    expect(reader.config.tidy).toBe('never');
    await scene.commit({ 'config/errand.yaml': 'schema: 1\ntidy: [\n' });
    const broken = await look();
    expect(reader.configProblems.length).toBeGreaterThan(0);
    expect(reader.config.tidy).toBe('never');
    expect(broken.config?.text).toContain('tidy: [');
    expect(need(broken.tasks, 'a').parsed).toMatchObject({ ok: true, value: { retries: 7 } });
    await scene.commit({ 'config/errand.yaml': 'schema: 1\ndefaults: { retries: 1 }\n' });
    expect(need((await look()).tasks, 'a').parsed).toMatchObject({ ok: true, value: { retries: 1 } });
    expect(reader.configProblems).toEqual([]);
    await scene.commit({ 'config/errand.yaml': null });
    expect((await look()).config).toBeNull();
    expect(reader.config.defaults.retries).toBe(2);
  });
});

// In memory alone: a clone that loses one object and nothing else.
test('a clone that lacks what the fetch showed is damaged, and says so', async () => {
  const scene = new MemoryScene();
  await scene.commit({ 'tasks/a.md': 'A' });
  const port = scene.clone();
  await port.fetch();
  port.lose((await scene.tip()) ?? '');
  await expect(new ViewReader(port, 'main').read(0)).rejects.toThrow(DamagedCloneError);
});
