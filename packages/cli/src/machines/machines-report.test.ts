import { expect, test } from 'vitest';
import { FollowScene } from '../rig/follow-scene.ts';
import { reportMachines } from './machines-report.ts';

test('the report names the queue without its password', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'config/errand.yaml': 'machines: { pi: { address: pi.lan } }\n' });
  const read = await scene.queue.readView();
  if (!read.ok) throw new Error(read.cause.message);
  const queue = Object.assign(Object.create(scene.queue), { remote: 'https://me:secret@host/q.git' });
  const report = await reportMachines(queue, { view: read.view, away: null, seenAt: null }, 'pi');
  expect(report).toMatchObject({ queue: 'https://host/q.git', machines: [{ name: 'pi', here: true, address: 'pi.lan' }] });
});
