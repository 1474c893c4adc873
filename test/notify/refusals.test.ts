import { expect, test } from 'vitest';
import { isEvent, script } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { NotifyScene, TOKEN, troubles, WRONG_TOKEN } from './notify-scene.ts';

const MINUTE_MS = 60_000;

/** Files tasks one after the other, and waits until each is recorded. */
async function finish(scene: NotifyScene, worker: WorkerProcess, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await scene.file({ [id]: script(`echo ${id}`, `title: ${id}`) });
    await worker.waitFor(isEvent('recorded', id), `the result of ${id}`);
  }
}

test('a server that takes no more for now gets everything later, in order and once; it is said once', async () => {
  await using scene = await NotifyScene.open();
  const clock = scene.clock('pi');
  const pi = await scene.worker('pi', { clockFile: clock.file });
  scene.ntfy.throttle(true);
  await finish(scene, pi, ['a']);
  await pi.waitFor(isEvent('trouble'), 'what the server said');
  clock.by(MINUTE_MS);
  await finish(scene, pi, ['b']);
  // Asked again for `a`, and again in vain: for `b` it need not be asked.
  await scene.ntfy.asked(2);
  scene.ntfy.throttle(false);
  clock.by(15 * MINUTE_MS);
  await finish(scene, pi, ['c']);
  await scene.ntfy.received('errand', 3);
  await finish(scene, pi, ['d']);
  await scene.ntfy.received('errand', 4);
  expect(scene.titles()).toEqual(['Done: a', 'Done: b', 'Done: c', 'Done: d']);
  expect(troubles(pi)).toEqual([expect.stringMatching(/takes no more for now \(429.*; 1 kept, next try in \d+ s$/)]);
});

test('a token that is wrong is said once, is not tried again and again, and keeps nothing from its end; corrected, everything is told once', async () => {
  await using scene = await NotifyScene.open();
  scene.setToken('pi', WRONG_TOKEN);
  const clock = scene.clock('pi');
  const pi = await scene.worker('pi', { clockFile: clock.file });
  await finish(scene, pi, ['a']);
  await pi.waitFor(isEvent('trouble'), 'what the server said');
  await finish(scene, pi, ['b', 'c']);
  expect(scene.ntfy.requests).toHaveLength(1);
  clock.by(15 * MINUTE_MS);
  await finish(scene, pi, ['d']);
  await scene.ntfy.asked(2);
  expect(troubles(pi)).toEqual([
    expect.stringMatching(/refuses to publish \(401.*check the token.*; 1 kept, next try in 900 s$/),
  ]);
  expect(scene.titles()).toEqual([]);
  await pi.stop();

  scene.setToken('pi', TOKEN);
  const corrected = await scene.worker('pi');
  await scene.ntfy.received('errand', 4);
  await finish(scene, corrected, ['e']);
  await scene.ntfy.received('errand', 5);
  expect(scene.titles()).toEqual(['a', 'b', 'c', 'd', 'e'].map((id) => `Done: ${id}`));
  await corrected.stop();
  for (const { events, errors } of [pi, corrected]) {
    for (const token of [TOKEN, WRONG_TOKEN]) expect(JSON.stringify(events) + errors).not.toContain(token);
  }
  for (const token of [TOKEN, WRONG_TOKEN]) expect(scene.findInState('pi', token)).toEqual([]);
});

test('an answer that is lost on the way is asked for again, under the same sequence: a server that knows sequences shows one', async () => {
  await using scene = await NotifyScene.open();
  const clock = scene.clock('pi');
  const pi = await scene.worker('pi', { clockFile: clock.file });
  scene.ntfy.loseNextAnswer();
  await finish(scene, pi, ['a']);
  await pi.waitFor(isEvent('trouble'), 'the missing answer');
  clock.by(MINUTE_MS);
  await finish(scene, pi, ['b']);
  await scene.ntfy.received('errand', 3);
  expect(scene.titles()).toEqual(['Done: a', 'Done: a', 'Done: b']);
  const [first, second, third] = scene.asked().map(({ sequence_id }) => sequence_id);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});
