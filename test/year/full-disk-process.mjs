// Housekeeping on a disk of its own that is full to the last byte; what it comes to, as one line of JSON.
// usage: unshare --mount --propagation private sh -c 'mount … && exec node full-disk-process.mjs REMOTE DISK'
import { mkdirSync, readdirSync, rmSync, statfsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openQueue } from '@errand/queue';
import { keepHouse } from '@errand/worker';

const [remote, disk] = process.argv.slice(2);
const DAY_MS = 86_400_000;
const keep = { workspacesMs: 7 * DAY_MS, logsMs: 30 * DAY_MS, reposMs: 30 * DAY_MS, resultsMs: 180 * DAY_MS, sizeBytes: 2 ** 30 };
const said = {};
const clock = { wallMs: () => Date.now(), elapsedMs: () => performance.now() };
const queue = openQueue({ remote, branch: 'main', stateDir: disk, clock });
said.first = (await queue.readView()).ok;
for (const [id, days] of [
  ['old', 1],
  ['older', 2],
  ['undelivered', 3],
]) {
  mkdirSync(join(disk, 'work', id, '1'), { recursive: true, mode: 0o700 });
  writeFileSync(join(disk, 'work', id, '1', 'file'), Buffer.alloc(800_000));
  const at = Date.now() / 1000 - days * 86_400;
  utimesSync(join(disk, 'work', id, '1'), at, at);
}
// What was made there no remote has taken.
const worktree = join(disk, 'repos/site-0123456789abcdef.git/worktrees/1');
mkdirSync(worktree, { recursive: true });
writeFileSync(join(worktree, 'gitdir'), `${join(disk, 'work/undelivered/1/.git')}\n`);
writeFileSync(join(worktree, 'errand-undelivered'), '');
const sweep = () =>
  keepHouse({
    stateDir: disk,
    keep,
    env: { ...process.env, XDG_RUNTIME_DIR: disk },
    nowMs: Date.now(),
    elapsedMs: clock.elapsedMs(),
    atWork: { nonces: new Set() },
    onlyIfDue: true,
  });
said.before = [(await sweep()).kind, (await sweep()).kind];
for (const bytes of [100_000, 10_000, 1_000, 1]) {
  for (let n = 0; ; n++) {
    try {
      writeFileSync(join(disk, `filler-${bytes}-${n}`), Buffer.alloc(bytes));
    } catch {
      break;
    }
  }
}
said.free = statfsSync(disk).bavail;
said.renewal = (await queue.renewClone({ force: true })).kind;
said.sweep = await sweep();
said.left = readdirSync(join(disk, 'work'));
said.second = (await queue.readView()).ok;
for (const name of readdirSync(disk)) if (name.startsWith('filler-1000')) rmSync(join(disk, name));
said.renewed = (await queue.renewClone({ force: true })).kind;
said.third = (await queue.readView()).ok;
await queue.close();
said.beside = readdirSync(queue.dir).filter((name) => name.startsWith('clone.'));
process.stdout.write(`${JSON.stringify(said)}\n`);
