import { expect, test } from 'vitest';
import { type PortRig, pushHistory, writeTasksCommit } from './port-rig.ts';

const MAIN = 'refs/heads/main';

/** What every port knows of who descends from whom. */
export function describeAncestry(makeRig: () => Promise<PortRig>): void {
  test('a commit is its own ancestor, and history that it fetched step by step tells the rest', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const [one] = (await pushHistory(author, ['1'])) as [string];
    await port.fetch();
    const two = await writeTasksCommit(author, { 'a.md': '2' }, [one]);
    await author.push([{ ref: MAIN, to: two, expect: one }]);
    await port.fetch();
    expect(await port.isAncestor(two, two)).toBe(true);
    expect(await port.isAncestor(one, two)).toBe(true);
    expect(await port.isAncestor(two, one)).toBe(false);
  });

  test('cannot tell what lies before its first fetch, until it is deepened', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const [one, two, three] = (await pushHistory(author, ['1', '2', '3'])) as [string, string, string];
    await port.fetch();
    expect(await port.isAncestor(one, three)).toBeNull();
    expect(await port.deepen()).toEqual({ ok: true });
    expect(await port.isAncestor(one, three)).toBe(true);
    expect(await port.isAncestor(two, three)).toBe(true);
    expect(await port.isAncestor('1'.repeat(40), three)).toBe(false);
    expect(await port.deepen()).toEqual({ ok: true });
  });

  test('knows after a rewrite of the branch that the new tip does not descend from the old', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const [one, two] = (await pushHistory(author, ['1', '2'])) as [string, string];
    await port.fetch();
    const rewritten = await writeTasksCommit(author, { 'a.md': 'other' }, [one]);
    await author.push([{ ref: MAIN, to: rewritten, expect: two }]);
    await port.fetch();
    await port.deepen();
    expect(await port.isAncestor(two, rewritten)).toBe(false);
    expect(await port.isAncestor(one, rewritten)).toBe(true);
  });

  test('goes on fetching and pushing after it was deepened', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const tip = (await pushHistory(author, ['1', '2', '3'])).at(-1) as string;
    await port.fetch();
    await port.deepen();
    const four = await writeTasksCommit(port, { 'a.md': '4' }, [tip]);
    expect(await port.push([{ ref: MAIN, to: four, expect: tip }])).toMatchObject({ ok: true });
    await author.fetch();
    const five = await writeTasksCommit(author, { 'a.md': '1' }, [four]);
    expect(await author.push([{ ref: MAIN, to: five, expect: four }])).toMatchObject({ ok: true });
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await port.isAncestor(four, five)).toBe(true);
    const tree = (await port.read(five))?.content.toString('latin1', 5, 45) ?? '';
    expect((await port.read(tree))?.type).toBe('tree');
  });
}
