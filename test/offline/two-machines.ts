import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import type { Gates } from '../rig/gates.ts';
import { PutForward } from '../rig/put-forward.ts';
import type { Scene } from '../rig/scene.ts';
import { WorkerProcess } from '../rig/worker-process.ts';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));
/** Longer than a test takes: time passes for a machine where its clock is put forward, and nowhere else. */
const LEASE = 'poll: { interval: 1s }\nlease: { heartbeat: 3m, ttl: 10m }';
/** Less than half of the ttl: whoever looks so often has no gap in what it saw. Three of them are longer than the ttl. */
const STRIDE_MS = 4 * 60_000;
const STRIDES = 3;

/** A machine with a clock of its own, which tells its agents its name. */
export interface TimedMachine extends AsyncDisposable {
  worker: WorkerProcess;
  /** Lets more than its ttl pass for this machine, which looks at the queue meanwhile, or tries to: `polled` or `poll-failed`. */
  outlastTtl(look: 'polled' | 'poll-failed'): Promise<void>;
  /** Runs an `errand` command there; gives what it printed. */
  errand(...args: string[]): Promise<string>;
}

export async function startMachine(scene: Scene, machine: string, remote: string, slots: number): Promise<TimedMachine> {
  const clock = new PutForward(join(scene.folder, `clock-${machine}`));
  const stateDir = scene.stateDir(machine);
  const env = scene.machineEnv(machine);
  const agentEnv = { MACHINE: machine };
  const worker = await WorkerProcess.start({
    remote,
    machine,
    stateDir,
    env,
    slots,
    agentEnv,
    config: LEASE,
    clockFile: clock.file,
  });
  return {
    worker,
    outlastTtl: async (look) => {
      for (let passed = 0; passed < STRIDES; passed++) {
        clock.by(STRIDE_MS);
        await roundsOf(worker, look);
      }
    },
    errand: async (...args) => {
      const config = { ERRAND_CONFIG: join(stateDir, 'config.yaml'), ERRAND_STATE_DIR: stateDir };
      const done = await runCommand(process.execPath, [ERRAND, ...args], { cwd: scene.folder, env: { ...env, ...config } });
      if (done.exitCode !== 0) throw new Error(`errand ${args.join(' ')}: ${done.stderr}`);
      return done.stdout;
    },
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

/** Two rounds that begin after now. */
async function roundsOf(worker: WorkerProcess, look: 'polled' | 'poll-failed'): Promise<void> {
  const from = worker.events.length;
  let left = 2;
  const isNext = (event: WorkerEvent): boolean => event.type === look && worker.events.indexOf(event) >= from;
  await worker.waitFor((event) => isNext(event) && --left === 0, `${look}, twice`);
}

/** A script that says where it runs, waits at a gate that is for this attempt alone (`<id>-<attempt>`), and goes on with `after`. */
export async function gated(gates: Gates, id: string, before: string, after: string): Promise<string> {
  const [first, second] = [await gates.build(`${id}-1`), await gates.build(`${id}-2`)];
  return `${before}\necho "begun on $MACHINE"\nif [ "$ERRAND_ATTEMPT" = 1 ]; then ${first}; else ${second}; fi\n${after}`;
}

/** An agent has come as far as its gate. */
export const hasBegun =
  (id: string) =>
  (event: WorkerEvent): boolean =>
    event.type === 'agent' && event.id === id && event.event.type === 'output' && event.event.text.includes('begun');
