// npm run chaos -- [--seconds 60 | --hour] [--seed N] [--tasks 300] [--keep]
import { parseArgs } from 'node:util';
import { setup } from '../rig/build-once.ts';

const TASKS_PER_SECOND = 5;
const TASKS_PER_SECOND_OF_AN_HOUR = 1;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    hour: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    tasks: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const seconds = values.hour ? 3_600 : Number(values.seconds);
const tasks = Number(values.tasks ?? seconds * (values.hour ? TASKS_PER_SECOND_OF_AN_HOUR : TASKS_PER_SECOND));

await setup();
// Only now: what starts workers looks for the built one when it is loaded.
const { playAndKeep } = await import('./keep-evidence.ts');
const ending = new AbortController();
let status = 1;
for (const [name, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  // It stays for a second one: what has been started is ended in any case.
  process.on(name, () => {
    if (ending.signal.aborted) return;
    status = 128 + number;
    ending.abort(new Error(`ended by ${name}`));
  });
}
const { clean, text } = await playAndKeep({ seed: Number(values.seed), seconds, tasks, signal: ending.signal }, values.keep);
console.log(text);
// What was broken off may still wait for something.
if (ending.signal.aborted) process.exit(status);
if (!clean) process.exitCode = status;
