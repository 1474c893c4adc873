import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BareRepository, httpRemote, overSlowLink, Person } from '@errand/testing';
import { expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { isAlive, until } from '../rig/processes.ts';
import { isEvent, Scene, script } from '../rig/scene.ts';
import { gated, hasBegun, startMachine } from './two-machines.ts';

const IDS = ['report', 'sensor', 'crunch', 'site'];
/** What two machines may take over from each other. */
const SHARED = ['report', 'crunch', 'site'];
const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`;
const WATCHED = String.raw`1\dm( \d+s)?`;

const idsOf = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id).sort();

test('a machine that was cut off in the middle of four tasks comes back: each has one result, nothing is lost, and its owner can read what happened', {
  timeout: 240_000,
}, async () => {
  await using scene = await Scene.open(httpRemote);
  // Only `pi` goes by this link to the queue. What `site` works in is on its own disk: nothing but its claim keeps it from being delivered.
  await using link = await overSlowLink(scene.remote, { delayMs: 0 });
  await using gates = new Gates(join(scene.folder, 'gates'));
  const repository = await BareRepository.init(join(scene.folder, 'site.git'), scene.remote.env);
  const bea = await Person.clone({ url: repository.dir, env: scene.remote.env }, join(scene.folder, 'bea'));
  await bea.write('page.html', 'empty\n');
  await bea.commit('begin');
  await bea.push();
  const making = await gated(gates, 'site', 'echo "made on $MACHINE" > page.html', 'echo finished');
  await scene.file({
    report: script(await gated(gates, 'report', '', 'echo "all is well on $MACHINE"')),
    sensor: script(await gated(gates, 'sensor', '', 'echo "21 degrees on $MACHINE"'), 'machine: pi'),
    crunch: script(await gated(gates, 'crunch', '', 'echo "42 on $MACHINE"')),
    site: script(making, `repo: ${repository.dir}\nkey: site`),
  });
  await using pi = await startMachine(scene, 'pi', link.url, 4);
  for (const id of IDS) await pi.worker.waitFor(hasBegun(id), `${id} in the middle, on pi`);

  await link.goAway();
  await pi.worker.waitFor(isEvent('poll-failed'), 'the outage');
  await gates.open('crunch-1');
  await pi.worker.waitFor(isEvent('journaled', 'crunch'), 'crunch finished on pi');
  await pi.outlastTtl('poll-failed');
  for (const id of ['report', 'site']) await pi.worker.waitFor(isEvent('frozen', id), `${id} standing still on pi`);
  await gates.open('sensor-1');
  await pi.worker.waitFor(isEvent('journaled', 'sensor'), 'sensor finished on pi');

  await using vm = await startMachine(scene, 'vm', scene.remote.url, 3);
  await vm.worker.waitFor(isEvent('polled'), 'a first look of vm');
  await vm.outlastTtl('polled');
  expect(await vm.worker.waitFor(isEvent('rescued'), 'the rescue')).toMatchObject({ machine: 'pi', ids: [...SHARED].sort() });
  for (const id of SHARED) await vm.worker.waitFor(hasBegun(id), `${id} in the middle, on vm`);
  expect(await vm.errand('show', 'sensor')).toContain(
    'running: claimed by `pi`, which is not running: the task waits for it, since no other machine may run it\n',
  );
  for (const id of ['report', 'site']) await gates.open(`${id}-2`);
  for (const id of ['report', 'site']) await vm.worker.waitFor(isEvent('recorded', id), `the result of ${id}, by vm`);

  await link.comeBack();
  for (const id of SHARED) {
    const has = id === 'crunch' ? 'vm runs it now' : 'vm has recorded a result for it';
    expect((await pi.worker.waitFor(isEvent('fenced', id), `${id} given up by pi`)).text).toContain(has);
  }
  await pi.worker.waitFor(isEvent('recorded', 'sensor'), 'the result of sensor, by pi');
  await until(() => !pi.worker.family.some((process) => process.is === 'agent' && isAlive(process)));
  await gates.open('crunch-2');
  await vm.worker.waitFor(isEvent('recorded', 'crunch'), 'the result of crunch, by vm');

  // One result for each, nothing is left in the queue, and nobody ran anything twice on one machine.
  const results = new Map(await Promise.all(IDS.map(async (id) => [id, await scene.results(id)] as const)));
  const [report, sensor, crunch, site] = IDS.map((id) => {
    const [one, ...more] = results.get(id) ?? [];
    if (one === undefined || more.length > 0) throw new Error(`${id} has not exactly one result`);
    return one.result;
  });
  expect([report, sensor, crunch, site].map((result) => [result?.state, result?.answer])).toEqual([
    ['done', 'begun on vm\nall is well on vm'],
    ['done', 'begun on pi\n21 degrees on pi'],
    ['done', 'begun on vm\n42 on vm'],
    ['done', 'begun on vm\nfinished'],
  ]);
  expect(await scene.leftovers()).toEqual([]);
  expect(idsOf(pi.worker.all('spawned'))).toEqual([...IDS].sort());
  expect(idsOf(vm.worker.all('spawned'))).toEqual([...SHARED].sort());

  // The result says of the attempt that was taken away since when, by whom, and where to look for it.
  const lost = new RegExp(`^nothing was heard of pi after ${TIME}: vm watched for ${WATCHED} and freed the task; `);
  for (const [id, result] of [
    ['report', report],
    ['crunch', crunch],
    ['site', site],
  ] as const) {
    expect(result?.attempts).toMatchObject([
      { attempt: 1, worker: 'pi', agent: 'command', outcome: 'lost', cause: expect.stringMatching(lost) },
      { attempt: 2, worker: 'vm', agent: 'command', outcome: 'done' },
    ]);
    expect(result?.attempts[0]?.cause).toContain(`what it made, if anything, stays on pi (errand logs ${id} --attempt 1)`);
  }
  const away = new RegExp(
    `^the machine was out of touch with the queue for ${WATCHED} from ${TIME} on, and still was when it ended$`,
  );
  expect(sensor?.attempts).toMatchObject([{ worker: 'pi', outcome: 'done', cause: expect.stringMatching(away) }]);

  // What the first attempts made is on `pi`: their words, their files, and the answer of the one that had finished.
  for (const id of SHARED) expect(await pi.errand('logs', id, '--attempt', '1')).toContain('begun on pi\n');
  const keptOf = async (id: string): Promise<string> => {
    const kept = pi.worker.all('fenced').find((event) => event.id === id)?.keptAt ?? 'nothing kept';
    expect(await pi.errand('show', id)).toContain(kept);
    return readFile(kept, 'utf8');
  };
  expect(await keptOf('crunch')).toContain('\nbegun on pi\n42 on pi\n');
  for (const id of ['report', 'site']) {
    const { cwd } = pi.worker.all('prepared').find((event) => event.id === id) ?? { cwd: 'nowhere' };
    expect(await keptOf(id)).toMatch(
      new RegExp(`outcome: fenced, cause: ".*vm has recorded a result for it; what it made is in ${cwd}"`),
    );
    if (id === 'site') expect(await readFile(join(cwd, 'page.html'), 'utf8')).toBe('made on pi\n');
  }

  // Delivered once, by the machine whose result counts.
  expect([...(await repository.refs()).keys()].sort()).toEqual(['refs/heads/errand/site/2', 'refs/heads/main']);
  expect(await repository.git('show', 'errand/site/2:page.html')).toBe('made on vm\n');
  expect(await vm.errand('show', 'site')).toMatch(
    new RegExp(`1\\. ${TIME} after ${WATCHED} on pi: lost, nothing was heard of pi after`),
  );
});
