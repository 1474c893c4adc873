import { join } from 'node:path';
import { type ClaimedRecord, type Heartbeat, renderBody } from '@errand/task';
import { beginCommit, growQueue, importInto } from './big-queue.ts';
import { clonePrivately, lookByGit } from './floor.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';

/** Each runs one of the open tasks. */
const MACHINES = ['attic', 'desktop', 'laptop', 'mac', 'pi'];
const OPEN = 20;
const FINISHED = 200;

/** `errand status` on a queue as most are: for somebody who looked before, a process that is started and has to answer. */
export async function measureEveryday({ entry, rounds }: Sizes): Promise<Row[]> {
  using stage = await Stage.set(entry);
  const queue = await growQueue(stage, 'everyday.git', { open: OPEN, finished: FINISHED, tidied: true }, Date.now());
  await importInto(stage, queue, seatMachines(Date.now()));
  const clone = join(stage.folder, 'floor.git');
  await clonePrivately(stage, queue, clone);
  const floorMs: number[] = [];
  const measured: number[] = [];
  const asTyped: number[] = [];
  // The first round fills caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const raw = await lookByGit(stage, clone);
    const direct = await stage.errand('status', '--queue', queue).ended;
    const typed = await stage.asTyped('status', '--queue', queue).ended;
    for (const machine of MACHINES) {
      if (!direct.stdout.includes(machine)) throw new Error(`status does not show ${machine}:\n${direct.stdout}`);
    }
    if (round === 0) continue;
    floorMs.push(raw);
    measured.push(direct.ms);
    asTyped.push(typed.ms);
  }
  const target = { atMost: 250, of: 'value' as const };
  const what = `${MACHINES.length} machines, ${OPEN} open and ${FINISHED} finished tasks`;
  return [
    { measure: `\`status\`, ${what}`, unit: 'ms', floorMs, measured, target },
    { measure: 'the same through `scripts/errand`', unit: 'ms', floorMs, measured: asTyped, target },
  ];
}

/** The input of `git fast-import`: what live workers leave in a queue. */
function* seatMachines(nowMs: number): Generator<string> {
  const at = new Date(nowMs).toISOString();
  for (const [n, machine] of MACHINES.entries()) {
    const id = `open-task-${n * 3}`;
    const nonce = (what: string): string => `${what}${n}`.padEnd(26, '0');
    const boot = nonce('01B00T');
    const claim: ClaimedRecord = {
      schema: 1,
      id,
      nonce: nonce('01C1A1M'),
      task: String(n).repeat(40),
      state: 'claimed',
      attempt: 1,
      worker: machine,
      boot,
      tier: 'sonnet',
      claimed_at: at,
      attempts: [],
    };
    const heartbeat: Heartbeat = {
      schema: 1,
      machine,
      boot,
      state: 'running',
      runs: [{ nonce: claim.nonce, id, attempt: 1, started_at: at, phase: 'running' }],
      version: '0.1.0',
      slots: 2,
      capabilities: ['docker'],
      agents: { claude: { version: '2.1.328' } },
      default_agent: 'claude',
      interval_s: 60,
      ttl_s: 180,
      at,
      nonce: nonce('01BEAT'),
    };
    yield `${beginCommit(renderBody(`claimed: ${id} by ${machine}`, claim), nowMs, `refs/errand/tasks/${id}`)}\n`;
    yield `${beginCommit(renderBody(`running: ${machine}`, heartbeat), nowMs, `refs/errand/workers/${machine}`)}\n`;
  }
}
