// A process that makes the private clone of a queue anew, and ends itself with SIGKILL at one step of it.
// usage: node renewal-process.mjs REMOTE STATE_DIR STEP
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [remote, stateDir, killAt] = process.argv.slice(2);
const begun = process.hrtime.bigint();
let armed = false;

function strikeAt(step) {
  if (armed && step === killAt) process.kill(process.pid, 'SIGKILL');
}

const { rename, rm, writeFile } = fs.promises;
fs.promises.rename = async (from, to) => {
  if (/\/clone$/.test(from)) strikeAt('before the old clone goes');
  if (/\/clone$/.test(to)) strikeAt('between the two');
  return rename(from, to);
};
fs.promises.rm = async (path, options) => {
  if (/clone\.old-/.test(path)) strikeAt('before the old clone is deleted');
  return rm(path, options);
};
fs.promises.writeFile = async (path, ...more) => {
  if (/errand-made$/.test(path)) strikeAt('when the new clone is whole');
  return writeFile(path, ...more);
};
const { spawn } = childProcess;
childProcess.spawn = (program, argv, options) => {
  const child = spawn(program, argv, options);
  if (argv.includes('init')) strikeAt('as the new clone is made');
  if (argv.includes('fetch') && argv.some((word) => /clone\.new-/.test(word))) strikeAt('as the new clone is fetched');
  return child;
};
syncBuiltinESMExports();

const { openQueue } = await import('@errand/queue');
const clock = { wallMs: () => Date.now(), elapsedMs: () => Number((process.hrtime.bigint() - begun) / 1_000_000n) };
const queue = openQueue({ remote, branch: 'main', stateDir, clock });
await queue.readView();
armed = true;
await queue.renewClone({ force: true });
await queue.readView();
await queue.close();
