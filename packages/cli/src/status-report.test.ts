import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AttemptEntry, renderResult } from '@errand/task';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { beatOf, claimOf, FollowScene, nonceOf, resultOf } from './rig/follow-scene.ts';
import { RunCounter } from './status/run-counts.ts';
import { buildSeenStatus } from './status-report.ts';

// A day other than that of the samples, which no run goes over the midnight of.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2027, 2, 3, 12) }));
afterEach(() => void vi.useRealTimers());

async function statusOf(scene: FollowScene, counter?: RunCounter) {
  const read = await scene.queue.readView();
  if (!read.ok) throw new Error(read.cause.message);
  return buildSeenStatus(scene.queue, { view: read.view, away: null, seenAt: null }, counter && { counter });
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

test('a machine that is listed and was never seen has no agents', async () => {
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

const today = (): string => new Date().toISOString().slice(0, 10);

function entryOf(changes: Partial<AttemptEntry> = {}): AttemptEntry {
  const [entry] = resultOf('any').attempts;
  if (!entry) throw new Error('a result has an attempt');
  return { ...entry, started_at: `${today()}T00:00:00.000Z`, ended_at: `${today()}T00:00:01.000Z`, ...changes };
}

const finishedToday = (id: string, ...attempts: AttemptEntry[]) =>
  resultOf(id, { finished_at: `${today()}T00:00:01.000Z`, attempts });

test('spend is that of all attempts that ended today, those of open tasks too, however many there are', async () => {
  await using scene = new FollowScene();
  const many = Array.from({ length: 150 }, (_, i) => finishedToday(`t-${i}`, entryOf({ cost_usd: 0.5 })));
  const yesterday = entryOf({ cost_usd: 100, ended_at: '2026-01-01T23:59:59.000Z' });
  await scene.commit({
    ...Object.fromEntries(many.map((result) => [`results/${today()}/${result.id}.md`, renderResult(result)])),
    'tasks/open.md': 'x\n',
    'tasks/silent.md': 'x\n',
  });
  await scene.finish(finishedToday('mixed', yesterday, entryOf({ cost_usd: 1 }), entryOf()));
  await scene.finish(resultOf('old', { finished_at: '2026-01-01T00:00:00.000Z', attempts: [yesterday] }));
  await scene.record('open', claimOf('open', { attempts: [yesterday, entryOf({ cost_usd: 2, count: 3 })] }));
  // Left over, and swept soon: its attempts are in the result.
  await scene.record('mixed', claimOf('mixed', { attempts: [entryOf({ cost_usd: 1 })] }));
  expect((await statusOf(scene)).spend).toEqual({ day: today(), usd: 78, estimated: false, attempts: 155 });
  await scene.record('silent', claimOf('silent', { attempts: [entryOf({ cost_usd: 0.25, cost_estimated: true })] }));
  expect((await statusOf(scene)).spend).toEqual({ day: today(), usd: 78.25, estimated: true, attempts: 156 });
});

test('a result is read once, and what is kept of it may be damaged or gone', async () => {
  await using scene = new FollowScene();
  await scene.finish(finishedToday('a', entryOf({ cost_usd: 1 })));
  const first = await statusOf(scene);
  const kept = join(scene.queue.dir, 'results-read.json');
  const read: string[] = [];
  const { port } = scene.queue;
  const reading = port.read.bind(port);
  port.read = (oid) => {
    read.push(oid);
    return reading(oid);
  };
  const [blob = ''] = Object.keys((JSON.parse(await readFile(kept, 'utf8')) as { digests: object }).digests);
  expect(blob).toMatch(/^[0-9a-f]{40}$/);
  expect(await statusOf(scene)).toEqual(first);
  expect(read).not.toContain(blob);
  const damages = ['', '{"schema":1', '{"schema":2,"digests":{}}', 'null', '{"schema":1}', '{"schema":1,"digests":7}'];
  const shapes = [{ state: 'done' }, { ...(await digestIn(kept)), days: { [today()]: 1 } }, 'text', []];
  for (const damage of [...damages, ...shapes.map((digest) => JSON.stringify({ schema: 1, digests: { [blob]: digest } }))]) {
    await writeFile(kept, damage);
    expect(await statusOf(scene), damage).toEqual(first);
  }
  expect(read.filter((oid) => oid === blob).length).toBe(damages.length + shapes.length);
});

async function digestIn(path: string): Promise<object> {
  const { digests } = JSON.parse(await readFile(path, 'utf8')) as { digests: { [blob: string]: object } };
  return Object.values(digests)[0] ?? {};
}

test('what cannot be kept leaves no draft behind', async () => {
  await using scene = new FollowScene();
  await scene.finish(finishedToday('a', entryOf()));
  await mkdir(join(scene.queue.dir, 'results-read.json'), { recursive: true });
  expect((await statusOf(scene)).spend.attempts).toBe(1);
  expect((await readdir(scene.queue.dir)).filter((name) => name.startsWith('results'))).toEqual(['results-read.json']);
});

test('spend is an estimate where equal attempts were put together over midnight, or a result cannot be read', async () => {
  await using scene = new FollowScene();
  const merged = entryOf({ cost_usd: 3, count: 3, started_at: `${today()}T00:00:00.000Z` });
  await scene.finish(finishedToday('a', merged, entryOf({ cost_usd: 1, started_at: '2026-01-01T23:00:00.000Z' })));
  const spent = { day: today(), usd: 4, attempts: 4 };
  expect((await statusOf(scene)).spend).toEqual({ ...spent, estimated: false });
  const midnight = claimOf('b', { attempts: [{ ...merged, started_at: '2026-01-01T23:00:00.000Z' }] });
  await scene.commit({ 'tasks/b.md': 'x\n' });
  await scene.record('b', midnight);
  expect((await statusOf(scene)).spend).toEqual({ ...spent, usd: 7, attempts: 7, estimated: true });
  await scene.record('b', null);
  await scene.commit({ [`results/${today()}/c.md`]: '---\nnot: a result\n---\n' });
  expect((await statusOf(scene)).spend).toEqual({ ...spent, estimated: true });
});

test('a running attempt is as far as its log says where it runs here, else as far as its machine says', async () => {
  await using scene = new FollowScene();
  const here = claimOf('here', { nonce: nonceOf(5) });
  const there = claimOf('there', { nonce: nonceOf(6), worker: 'vm' });
  await scene.commit({
    'tasks/here.md': '---\ntimeout: 90s\nretries: 1\n---\nx\n',
    'tasks/there.md': 'x\n',
    'tasks/free.md': 'x\n',
  });
  await scene.record('here', here);
  await scene.record('there', there);
  const told = { agent: 'claude', model: 'claude-haiku-4-5', turns: 2, tool_calls: 7, output_at: '2026-11-20T09:00:02.000Z' };
  const runOf = ({ id, nonce }: { id: string; nonce: string }) => ({ id, nonce, attempt: 1, phase: 'running' as const });
  await scene.beat(beatOf('pi', { runs: [{ ...runOf(here), ...told, agent: 'opencode' }] }));
  await scene.beat(beatOf('vm', { runs: [{ ...runOf(there), ...told }] }));
  const tokens = { input: 1, output: 1, cache_read: 0, cache_write: 0 };
  const spent = { type: 'spent', at: '2026-11-20T09:00:01.000Z', model: 'm', tokens, costUsd: 0.25, estimated: true };
  const say = (event: object): string => JSON.stringify(event);
  await scene.log(
    'here',
    here.nonce,
    say({ type: 'started', at: '2026-11-20T09:00:00.000Z', argv: ['claude'], containment: 'tree' }),
    say(spent),
    say({ at: '2026-11-20T09:00:03.000Z', type: 'says', text: '"type":"spent" "at":"never"' }),
    say({ type: 'calls-tool', at: '2026-11-20T09:00:04.000Z', tool: 'Bash', about: 'ls' }),
  );
  const counter = new RunCounter(scene.stateDir);
  const runs = async () => {
    const { tasks } = await statusOf(scene, counter);
    return Object.fromEntries(tasks.map(({ id, run }) => [id, run]));
  };
  const first = await runs();
  expect(first).toEqual({
    free: null,
    here: {
      ...told,
      agent: 'opencode',
      timeout_s: 90,
      tries: 2,
      turns: 1,
      tool_calls: 1,
      output_at: '2026-11-20T09:00:04.000Z',
      cost_usd: 0.25,
    },
    there: { ...told, timeout_s: 1800, tries: 3, cost_usd: null },
  });
  await scene.log('here', here.nonce, say({ ...spent, at: '2026-11-20T09:00:09.000Z' }));
  expect((await runs()).here).toMatchObject({ turns: 2, cost_usd: 0.5, output_at: '2026-11-20T09:00:09.000Z' });
});

test('a machine tells whether it stopped, fell silent or was freed of its tasks', async () => {
  await using scene = new FollowScene();
  await scene.commit({
    'config/errand.yaml': 'machines: { nas: {}, phone: { worker: false } }\n',
    'tasks/a.md': '---\nmachine: phone\n---\nx\n',
  });
  const at = '2026-01-01T00:00:00.000Z';
  await scene.beat(beatOf('a'));
  await scene.beat(beatOf('b', { at }));
  await scene.beat(beatOf('c', { at, state: 'stopped' }));
  await scene.beat(beatOf('d', { at, state: 'tombstone' }));
  const { machines, tasks } = await statusOf(scene);
  expect(machines.map(({ name, presence, seen_at }) => [name, presence, seen_at === at])).toEqual([
    ['a', 'online', false],
    ['b', 'silent', true],
    ['c', 'stopped', true],
    ['d', 'given-up', true],
    ['nas', 'unseen', false],
  ]);
  expect(tasks[0]?.reason).toContain('keeps from work');
});
