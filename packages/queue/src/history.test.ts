import { expect, test } from 'vitest';
import { isDescendant } from './history.ts';
import { MemoryScene } from './rig/memory-scene.ts';

test('a commit near the tip is found in the clone without asking anyone', async () => {
  const scene = new MemoryScene();
  const port = scene.clone();
  const first = await scene.commit({ a: '1' });
  await port.fetch();
  await scene.commit({ a: '2' });
  await port.fetch();
  scene.remote.goAway();
  expect(await isDescendant(port, scene.tip, first)).toBe(true);
  expect(await isDescendant(port, scene.tip, scene.tip ?? '')).toBe(true);
});

test('a history that was cut off is deepened once', async () => {
  const scene = new MemoryScene();
  const first = await scene.commit({ a: '0' });
  for (let step = 1; step < 40; step++) await scene.commit({ a: String(step) });
  const port = scene.clone();
  await port.fetch();
  expect(await port.isAncestor(first, scene.tip ?? '')).toBeNull();
  expect(await isDescendant(port, scene.tip, first)).toBe(true);
});

test('what nobody can tell is neither yes nor no', async () => {
  const scene = new MemoryScene();
  const first = await scene.commit({ a: '0' });
  await scene.commit({ a: '1' });
  await scene.commit({ a: '2' });
  const port = scene.clone();
  await port.fetch();
  scene.remote.goAway();
  expect(await isDescendant(port, scene.tip, first)).toBeNull();
  expect(await isDescendant(port, null, first)).toBe(false);
});
