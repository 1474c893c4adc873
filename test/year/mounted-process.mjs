// Housekeeping over a folder in which another folder of the same disk is mounted, and over one of another user's; as one line of JSON.
// usage: unshare --mount --propagation private -- node mounted-process.mjs STATE ELSEWHERE
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepHouse } from '@errand/worker';

const [stateDir, elsewhere] = process.argv.slice(2);
const DAY_MS = 86_400_000;
const ME = 65_534;
const keep = { workspacesMs: DAY_MS, logsMs: DAY_MS, reposMs: DAY_MS, resultsMs: DAY_MS, sizeBytes: 2 ** 30 };
const folder = (path) => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
};
const folders = ['queues/0123456789abcdef', 'work/mounted/1/volume', 'work/container/1/node_modules', 'work/plain/1'];
for (const path of folders) folder(join(stateDir, path));
writeFileSync(join(elsewhere, 'precious'), 'x');
writeFileSync(join(stateDir, 'work/container/1/node_modules/index.js'), 'x');
for (const path of ['', ...readdirSync(stateDir, { recursive: true })]) {
  if (!path.includes('node_modules')) chownSync(join(stateDir, path), ME, ME);
}
for (const id of ['mounted', 'container', 'plain']) utimesSync(join(stateDir, 'work', id, '1'), 1, 1);
for (const path of [elsewhere, join(elsewhere, 'precious')]) chownSync(path, ME, ME);
chmodSync(elsewhere, 0o750);
execFileSync('mount', ['--bind', elsewhere, join(stateDir, 'work/mounted/1/volume')]);
process.setgroups([]);
process.setgid(ME);
process.setuid(ME);
const env = { ...process.env, XDG_RUNTIME_DIR: stateDir };
const round = (days) =>
  keepHouse({ stateDir, keep, env, nowMs: Date.now(), elapsedMs: days * DAY_MS, atWork: { nonces: new Set() } });
await round(1);
const second = await round(3);
const third = await round(3.5);
const went = ({ rows }) => rows.map(({ kind, count, gone }) => [kind, count, gone]).filter(([, count]) => count > 0);
const said = {
  went: [went(second), went(third)],
  stuck: third.stuck.map(({ why }) => why.replaceAll(/trash.[0-9a-f]{16}/g, 'trash/X').replaceAll(stateDir, '')).sort(),
  precious: existsSync(join(elsewhere, 'precious')),
  mode: (statSync(elsewhere).mode & 0o777).toString(8),
};
process.stdout.write(`${JSON.stringify(said)}\n`);
