import { symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { isEvent, Scene, script } from '../rig/scene.ts';
import { WorkerProcess } from '../rig/worker-process.ts';

const LEASE = 'poll: { interval: 1s }\nlease: { heartbeat: 1s, ttl: 3s }';

test('a worker that is cut off for longer than its lease records nothing of what another has finished, says why, and works on', async () => {
  await using scene = await Scene.open();
  await using gates = new Gates(join(scene.folder, 'gates'));
  const ada = await scene.person();
  await ada.writeTask('a', script(`echo ready on $HOME\n${await gates.build('a')}\necho finished`));
  await ada.commit();
  await ada.push();

  // Only this machine goes by the link, so only it is cut off when the link is gone.
  const link = join(scene.folder, 'link.git');
  await symlink(scene.remote.repository.dir, link);
  await using pi = await WorkerProcess.start({
    remote: link,
    machine: 'pi',
    stateDir: scene.stateDir('pi'),
    env: scene.machineEnv('pi'),
    config: LEASE,
  });
  await pi.waitFor((event) => event.type === 'agent' && event.event.type === 'output', 'a runs on pi');
  await unlink(link);
  await pi.waitFor(isEvent('poll-failed'), 'the outage');
  await pi.waitFor(isEvent('frozen', 'a'), 'a frozen on pi');

  const vm = await scene.worker('vm', { config: LEASE });
  const rescued = await vm.waitFor(isEvent('rescued'), 'the rescue');
  expect(rescued).toMatchObject({ machine: 'pi', ids: ['a'] });
  await vm.waitFor((event) => event.type === 'agent' && event.event.type === 'output', 'a runs on vm');
  await gates.open('a');
  await vm.waitFor(isEvent('recorded', 'a'), 'the result of vm');

  await symlink(scene.remote.repository.dir, link);
  const fenced = await pi.waitFor(isEvent('fenced', 'a'), 'pi to learn of it');
  expect(fenced.text).toMatch(/^nothing is recorded for a: .{10,}/);
  await ada.pull();
  await ada.writeTask('b', script('echo on pi again', 'machine: pi'));
  await ada.commit();
  await ada.push();
  await pi.waitFor(isEvent('recorded', 'b'), 'pi to work on');

  expect(
    (await scene.results('a')).map(({ result }) => [
      result.state,
      result.attempts.map(({ worker, outcome }) => `${outcome} on ${worker}`),
    ]),
  ).toEqual([['done', ['lost on pi', 'done on vm']]]);
  expect((await scene.results('b')).map(({ result }) => [result.state, result.attempts[0]?.worker])).toEqual([['done', 'pi']]);
  expect(pi.events.filter(isEvent('recorded', 'a'))).toEqual([]);
  expect(await scene.leftovers()).toEqual([]);
});
