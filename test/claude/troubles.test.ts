import type { Heartbeat } from '@errand/task';
import { CLAUDE_VERSIONS, type ClaudeVersion, whyNoClaude } from '@errand/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { Ordeal } from './ordeal.ts';
import { readHeartbeat, readRecord } from './refs.ts';
import { PAUSES, SPECIAL_TROUBLES, TROUBLES, type Trouble } from './troubles.ts';

const missing = whyNoClaude();
/** What each version makes of it is the adapter's contract; what follows from that is the worker's, and the same for all. */
const NEWEST = CLAUDE_VERSIONS.slice(0, 1);

/** All runs on a slow machine. */
const PATIENCE_MS = 600_000;
const QUARTER_OF_AN_HOUR_MS = 15 * 60_000;
const SUBSCRIPTION = { CLAUDE_CODE_OAUTH_TOKEN: 'dummy' };
/** Nothing listens on the discard port of a machine of this century. */
const NOWHERE = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };

const ALL: { readonly [name: string]: Trouble } = { ...TROUBLES, ...SPECIAL_TROUBLES, ...PAUSES };

type Paused = { heartbeat: Heartbeat; told: ReturnType<WorkerProcess['all']> };

/** Every trouble once, and what the machine said after each that paused it. */
async function meetAll(version: ClaudeVersion): Promise<{ ordeal: Ordeal; paused: Map<string, Paused> }> {
  const ordeal = await Ordeal.open(version, ALL);
  const paused = new Map<string, Paused>();
  for (const [name, pause] of Object.entries(PAUSES)) {
    // A machine for each: one whose pause ended would take its task up again.
    const worker = await ordeal.meet({ machine: name, troubles: { [name]: pause }, env: pause.subscription ? SUBSCRIPTION : {} });
    paused.set(name, { heartbeat: await readHeartbeat(ordeal.queue, name), told: worker.all('paused') });
  }
  const special = (name: keyof typeof SPECIAL_TROUBLES) => ({ machine: 'pi', troubles: { [name]: SPECIAL_TROUBLES[name] } });
  await ordeal.meet({ ...special('a-plan-only'), options: { permissions: 'plan' } });
  await ordeal.meet({ ...special('a-silence'), options: { config: 'idle_timeout: 2s' } });
  const meanwhile = (worker: WorkerProcess) => ordeal.killInTool(worker, 'a-sigkill');
  await ordeal.meet({ ...special('a-sigkill'), options: { permissions: 'bypass' }, meanwhile });
  await ordeal.meet({ ...special('a-refused-connection'), machine: 'far-away', env: NOWHERE });
  await ordeal.meet({ machine: 'pi', troubles: TROUBLES });
  return { ordeal, paused };
}

describe.skipIf(missing !== null).each(NEWEST)(`Claude Code %s${missing === null ? '' : `: ${missing}`} meets`, (version) => {
  let met: Awaited<ReturnType<typeof meetAll>>;

  beforeAll(async () => {
    met = await meetAll(version);
  }, PATIENCE_MS);

  afterAll(() => met?.ordeal[Symbol.asyncDispose]());

  test.each(Object.entries(ALL))('%s, which is called by its name and has its remedy', async (name, trouble) => {
    const { outcome, cause, remedy } = trouble;
    const { queue } = met.ordeal;
    const result = (await queue.results()).get(name);
    if (remedy === 'done' || remedy === 'failed') {
      expect(result).toMatchObject({ state: remedy, attempts: [{ attempt: 1, agent: 'claude', outcome }] });
      expect(result?.attempts[0]?.cause ?? '').toContain(cause);
      expect(result?.answer).not.toBe('');
      return;
    }
    expect(result).toBeUndefined();
    expect(await readRecord(queue, name)).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining(cause),
      attempts: [{ outcome, cause: expect.stringContaining(cause) }],
      next: { retry_at: expect.any(String), wait_s: expect.any(Number) },
    });
  });

  test.each(Object.entries(PAUSES))('%s, which its machine announces, and leaves the task to others', async (name, pause) => {
    const record = await readRecord(met.ordeal.queue, name);
    if (record.state !== 'waiting') throw new Error(`${name} is ${record.state}`);
    const [attempt] = record.attempts;
    const endedAt = Date.parse(attempt?.ended_at ?? '');
    const until = (pause.until ?? new Date(endedAt + QUARTER_OF_AN_HOUR_MS)).toISOString();
    expect(record.next).toMatchObject({ not_on: [attempt?.worker], retry_at: until });
    const { told, heartbeat } = met.paused.get(name) ?? {};
    expect(told).toMatchObject([{ agent: 'claude', about: pause.about, until, again: false }]);
    expect(heartbeat?.agents.claude).toEqual({ version, paused_until: until, reason: attempt?.cause });
  });

  test('nothing that leaves a process, troubles the worker, or sends it to somebody else', async () => {
    const { queue, workers, api } = met.ordeal;
    await queue.untilNothingRuns();
    expect(workers.flatMap((worker) => worker.all('trouble'))).toEqual([]);
    expect(api.unexpected()).toEqual([]);
  });
});
