// usage: run-as-owner.mjs FOLDER COMMAND [ARGUMENT …]
// Root runs the command as whoever owns the folder, with that user's groups and home; its end is the command's.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';

const [folder = '', command = '', ...args] = process.argv.slice(2);
const { uid, gid } = statSync(folder);
try {
  process.initgroups(uid, gid);
} catch {
  // The user has no name here, and so no further groups.
  process.setgroups([gid]);
}
process.setgid(gid);
process.setuid(uid);
// Where root keeps its temporary files is not for the user.
const { TMPDIR: _, ...env } = process.env;
const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit', env: { ...env, HOME: homeOf() } });
process.exitCode = status ?? 70;

function homeOf() {
  try {
    return userInfo().homedir;
  } catch {
    return tmpdir();
  }
}
