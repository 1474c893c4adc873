import { expect, test } from 'vitest';
import { isDescendant, traceDescent } from './history.ts';
import { overMemoryAndGit } from './rig/over-memory-and-git.ts';

overMemoryAndGit((open) => {
  test('a commit near the tip is found in the clone without asking anyone', async () => {
    const scene = await open();
    const port = scene.clone();
    const first = await scene.commit({ a: '1' });
    await port.fetch();
    await scene.commit({ a: '2' });
    await port.fetch();
    const tip = await scene.tip();
    await scene.goAway();
    expect(await isDescendant(port, tip, first)).toBe(true);
    expect(await isDescendant(port, tip, tip ?? '')).toBe(true);
  });

  test('a history that was cut off is deepened once', async () => {
    const scene = await open();
    const first = await scene.commit({ a: '0' });
    for (let step = 1; step < 40; step++) await scene.commit({ a: String(step) });
    const port = scene.clone();
    await port.fetch();
    expect(await port.isAncestor(first, (await scene.tip()) ?? '')).toBeNull();
    expect(await isDescendant(port, await scene.tip(), first)).toBe(true);
  });

  test('what nobody can tell is neither yes nor no', async () => {
    const scene = await open();
    const first = await scene.commit({ a: '0' });
    await scene.commit({ a: '1' });
    await scene.commit({ a: '2' });
    const port = scene.clone();
    await port.fetch();
    const tip = await scene.tip();
    await scene.goAway();
    expect(await isDescendant(port, tip, first)).toBeNull();
    expect(await traceDescent(port, tip, first)).toBe('unasked');
    expect(await isDescendant(port, null, first)).toBe(false);
  });

  test('where all the history that is to be had cannot tell, asking again does not help; a git that was killed twice does not look so', async () => {
    const scene = await open();
    const first = await scene.commit({ a: '0' });
    const second = await scene.commit({ a: '1' });
    const port = scene.clone();
    await port.fetch();
    const { isAncestor } = port;
    port.isAncestor = async () => null;
    expect(await traceDescent(port, first, second)).toBe('cut off');
    let kills = 2;
    port.isAncestor = async (...asked) => (kills-- > 0 ? null : isAncestor.apply(port, asked));
    expect(await traceDescent(port, first, second)).toBe(false);
  });
});
