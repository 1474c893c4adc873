import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WatchEvent } from '../events.ts';
import { openCheckout } from '../open-checkout.ts';
import { WatchScene } from '../rig/watch-scene.ts';
import { runWatch } from './run-watch.ts';

test('a single pass ends although a file is always being written: the others are filed, and that one is named', async () => {
  await using scene = await WatchScene.open();
  const ada = await scene.person('Ada');
  await ada.writeTask('one', 'Do one.\n');
  const opened = await openCheckout(ada.dir, ada.env);
  if (!opened.ok) throw new Error(opened.failure.message);
  const events: WatchEvent[] = [];
  let nowMs = 0;
  const elapsedMs = (): number => {
    appendFileSync(join(ada.dir, 'tasks/endless.md'), 'more\n');
    nowMs += 10;
    return nowMs;
  };
  const standing = await runWatch({
    checkout: opened.checkout,
    clock: { elapsedMs },
    random: () => 0.5,
    settleMs: 50,
    intervalMs: 60_000,
    once: true,
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
  });
  expect(standing).toEqual([{ type: 'still-written', paths: ['tasks/endless.md'] }]);
  expect(events).toContainEqual(standing[0]);
  expect(await scene.remoteLog()).toEqual(['add: one', 'make the queue']);
});
