// A real worker as a process of its own, for tests: prints every event as one JSON line, and can end itself with SIGKILL at
// exactly one of them. usage: node worker-process.mjs [--once]; ERRAND_CONFIG, ERRAND_STATE_DIR; RIG_KILL_AT=<point>[#n]
import { writeSync } from 'node:fs';
import { loadMachineConfig, stateDir } from '@errand/config';
import { startWorker } from '@errand/worker';

/** The name of the point in a worker's life that an event marks: `verified`, `push-ended:claim`, `agent:output` … */
function pointOf(event) {
  if (event.type === 'push-started' || event.type === 'push-ended') return `${event.type}:${event.purpose}`;
  return event.type === 'agent' ? `agent:${event.event.type}` : event.type;
}

const [point, nth = '1'] = (process.env.RIG_KILL_AT ?? '').split('#');
let left = Number(nth);

function emit(event) {
  writeSync(1, `${JSON.stringify(event)}\n`);
  if (point !== '' && pointOf(event) === point && --left === 0) process.kill(process.pid, 'SIGKILL');
}

const config = await loadMachineConfig(process.env);
if (!config.ok || config.value?.queue == null) throw new Error(JSON.stringify(config));
const { RIG_KILL_AT: _, ...env } = process.env;
const started = await startWorker({
  machine: config.value,
  stateDir: stateDir(process.env),
  version: '0.0.0-test',
  once: process.argv.includes('--once'),
  emit,
  env,
});
if (!started.ok) throw new Error(`${started.message} ${started.hint}`);
process.on('SIGTERM', () => started.worker.stop());
const exit = await started.run();
process.exitCode = exit === 'asked' || exit === 'nothing-left' ? 0 : 4;
