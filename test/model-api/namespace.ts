import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand } from '@errand/testing';

// Inside: loopback is up and is all there is, and names are asked for on 127.0.0.1.
const ENTER = `
ip link set lo up || exit 1
for file in resolv.conf nsswitch.conf; do
  [ ! -e "/etc/$file" ] || mount --bind "$ETC/$file" "/etc/$file" || exit 1
done
exec "$@"`;

/** The process ids are its own too, so that nothing that was started survives the program. */
const OWN = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];

/** A way into a network of one's own. */
export type Namespace = { readonly flags: readonly string[] } | { readonly missing: string };

/** Root may make one; an ordinary user may if it is root in there. Linux only. */
export function findNamespace(): Namespace {
  let message = '';
  for (const flags of [OWN, ['--user', '--map-root-user', ...OWN]]) {
    const { status, stderr, error } = spawnSync('unshare', [...flags, 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
    if (status === 0) return { flags };
    message = error?.message ?? stderr.trim();
  }
  return { missing: `no network namespace can be made here: ${message}` };
}

/** Runs a program where loopback is the whole network, and 127.0.0.1 the name server; `folder` is for its configuration. */
export function runAlone(
  { flags, folder }: { flags: readonly string[]; folder: string },
  command: readonly string[],
  env: Record<string, string>,
): Promise<CommandResult> {
  const etc = join(folder, 'etc');
  mkdirSync(etc, { recursive: true });
  writeFileSync(join(etc, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  writeFileSync(join(etc, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  return runCommand('unshare', [...flags, 'sh', '-c', ENTER, 'sh', ...command], { env: { ...env, ETC: etc } });
}
