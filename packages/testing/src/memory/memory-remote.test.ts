import { expect, test } from 'vitest';
import { MemoryPort } from './memory-port.ts';
import { MemoryRemote } from './memory-remote.ts';

const REF = 'refs/errand/tasks/a';

test('a push that was held is applied late, if its lease still holds then', async () => {
  for (const overtaken of [false, true]) {
    const remote = new MemoryRemote();
    const port = new MemoryPort({ remote, branch: 'main' });
    const tree = await port.writeTree([]);
    const [late, early] = await Promise.all(['late', 'early'].map((message) => port.writeCommit({ tree, parents: [], message })));
    remote.holdNextPush();
    const outcome = await port.push([{ ref: REF, to: late as string, expect: null }]);
    expect(outcome.refs.get(REF)).toEqual({ state: 'unknown' });
    expect(remote.refs.get(REF)).toBeUndefined();
    if (overtaken) await port.push([{ ref: REF, to: early as string, expect: null }]);
    remote.deliverHeld();
    expect(remote.refs.get(REF)).toBe(overtaken ? early : late);
  }
});

test('a simulation decides when a request goes on', async () => {
  const remote = new MemoryRemote();
  const asked: string[] = [];
  let release = (): void => {};
  remote.beforeRequest = (request) => {
    asked.push(request);
    return new Promise((resolve) => {
      release = resolve;
    });
  };
  const fetching = new MemoryPort({ remote, branch: 'main' }).fetch();
  expect(asked).toEqual(['fetch']);
  release();
  expect(await fetching).toEqual({ ok: true });
});

test('a clone that lost an object says so by finding nothing', async () => {
  const remote = new MemoryRemote();
  const [author, port] = [new MemoryPort({ remote, branch: 'main' }), new MemoryPort({ remote, branch: 'main' })];
  const oid = await author.writeCommit({ tree: await author.writeTree([]), parents: [], message: 'x' });
  await author.push([{ ref: REF, to: oid, expect: null }]);
  await port.fetch();
  port.lose(oid);
  expect(await port.read(oid)).toBeNull();
  await port.remake('a test');
  expect((await port.read(oid))?.type).toBe('commit');
});
