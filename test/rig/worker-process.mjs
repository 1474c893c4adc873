// A real worker as a process of its own, for tests: prints every event as one JSON line, and can end itself, its git
// processes or its agents with SIGKILL at exactly one of them.
// usage: node worker-process.mjs [--once]; ERRAND_CONFIG, ERRAND_STATE_DIR; RIG_KILL_AT=<point>[#n], RIG_KILL=worker|git|agent, RIG_COUNT_FROM=<point>,
// RIG_CLOCK=<file that says by how many milliseconds its clock is put forward>
import { readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { loadMachineConfig, stateDir } from '@errand/config';
import { startWorker, systemClock } from '@errand/worker';

/** The name of the point in a worker's life that an event marks: `verified`, `push-ended:claim`, `agent:output` … */
function pointOf(event) {
  if (event.type === 'push-started' || event.type === 'push-ended') return `${event.type}:${event.purpose}`;
  return event.type === 'agent' ? `agent:${event.event.type}` : event.type;
}

const {
  RIG_KILL_AT: killAt = '',
  RIG_KILL: victim = 'worker',
  RIG_MOMENT: momentFile,
  RIG_COUNT_FROM: countFrom,
  RIG_CLOCK: clockFile,
  ...env
} = process.env;
const seen = new Map();
/** The rhythm of the loop is no point in a task's life. */
const RHYTHM = new Set(['looking', 'resting']);
/** Points are counted from here on. */
let armed = countFrom === undefined;

function emit(event) {
  if (RHYTHM.has(event.type)) return print(event);
  const point = pointOf(event);
  if (!armed && point === countFrom) {
    armed = true;
    seen.clear();
  }
  const nth = (seen.get(point) ?? 0) + 1;
  seen.set(point, nth);
  const moment = `${point}#${nth}`;
  // Faulty git reads here what it is called for.
  if (armed && momentFile !== undefined) writeFileSync(momentFile, moment);
  print(event);
  if (point === 'spawned') print({ rig: 'family', processes: listFamily() });
  if (armed && killAt !== '' && (killAt.includes('#') ? killAt : `${killAt}#1`) === moment) strike();
}

function print(line) {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

function strike() {
  const family = listFamily();
  print({ rig: 'family', processes: family });
  if (victim === 'worker') process.kill(process.pid, 'SIGKILL');
  let killed = 0;
  for (const { pid, is } of family) {
    if (is !== victim) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed += 1;
    } catch {
      // It has ended by itself meanwhile.
    }
  }
  print({ rig: 'struck', killed });
}

/** Every descendant of this process, by what it is: git, guard or agent. */
function listFamily() {
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const command = readFileSync(`/proc/${name}/cmdline`, 'latin1');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const is = /^\S*git\0/.test(command) ? 'git' : command.includes('guard-main') ? 'guard' : 'agent';
        return [{ pid: Number(name), ppid: Number(fields[1]), start: fields[19], is }];
      } catch {
        return [];
      }
    });
  const family = [];
  for (let parents = [{ pid: process.pid, is: 'agent' }]; parents.length > 0; ) {
    parents = rows.flatMap((row) => {
      const parent = parents.find(({ pid }) => pid === row.ppid);
      return parent ? [{ ...row, is: parent.is === 'git' ? 'git' : row.is }] : [];
    });
    family.push(...parents);
  }
  return family.map(({ pid, start, is }) => ({ pid, start, is }));
}

/** The machine's clock, put forward by what the file says now. */
function forwardClock(file) {
  const clock = systemClock();
  const ahead = () => Number(readFileSync(file, 'utf8'));
  return { wallMs: () => clock.wallMs() + ahead(), elapsedMs: () => clock.elapsedMs() + ahead() };
}

const config = await loadMachineConfig(process.env);
if (!config.ok || config.value?.queue == null) throw new Error(JSON.stringify(config));
const started = await startWorker({
  machine: config.value,
  stateDir: stateDir(process.env),
  version: '0.0.0-test',
  once: process.argv.includes('--once'),
  emit,
  ...(clockFile !== undefined && { clock: forwardClock(clockFile) }),
  env: { ...env, ...(momentFile && { RIG_MOMENT: momentFile }) },
});
if (!started.ok) throw new Error(`${started.message} ${started.hint}`);
process.on('SIGTERM', () => started.worker.stop());
const exit = await started.run();
process.exitCode = exit === 'asked' || exit === 'nothing-left' ? 0 : 4;
