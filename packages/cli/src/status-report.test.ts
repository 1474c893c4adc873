import { expect, test } from 'vitest';
import { beatOf, FollowScene, resultOf } from './rig/follow-scene.ts';
import { buildSeenStatus } from './status-report.ts';

async function statusOf(scene: FollowScene) {
  const read = await scene.queue.readView();
  if (!read.ok) throw new Error(read.cause.message);
  return buildSeenStatus(scene.queue, { view: read.view, away: null, seenAt: null });
}

test('machines tell their agents, and a pause only while it lasts', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/.gitkeep': '' });
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const past = new Date(Date.now() - 1_000).toISOString();
  const agents = {
    opencode: { paused_until: past, reason: 'over' },
    claude: { paused_until: soon, reason: 'five_hour limit' },
    codex: { paused_until: soon },
    command: {},
  };
  await scene.beat(beatOf('pi', { agents }));
  const { machines } = await statusOf(scene);
  expect(machines).toMatchObject([
    {
      name: 'pi',
      agents: [
        { name: 'claude', paused_until: soon, reason: 'five_hour limit' },
        { name: 'codex', paused_until: soon, reason: null },
        { name: 'command', paused_until: null, reason: null },
        { name: 'opencode', paused_until: null, reason: null },
      ],
    },
  ]);
});

test('a machine that is listed and was never heard of has no agents', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'config/errand.yaml': 'machines: { vm: {} }\n' });
  expect((await statusOf(scene)).machines).toMatchObject([{ name: 'vm', online: false, agents: [] }]);
});

test('what a task cost is the sum of its attempts', async () => {
  await using scene = new FollowScene();
  const [first] = resultOf('a').attempts;
  if (!first) throw new Error('a result has an attempt');
  await scene.finish(resultOf('a', { attempts: [{ ...first, cost_usd: 0.25 }, first, { ...first, cost_usd: 0.5 }] }));
  await scene.finish(resultOf('b'));
  const { recent } = await statusOf(scene);
  expect(new Map(recent.map(({ id, cost_usd }) => [id, cost_usd]))).toEqual(
    new Map([
      ['a', 0.75],
      ['b', null],
    ]),
  );
});
