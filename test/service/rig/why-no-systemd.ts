import { accessSync, constants, existsSync } from 'node:fs';

const PROGRAMS = [
  ['/lib/systemd/systemd', 'systemd'],
  ['/lib/systemd/systemd-logind', 'systemd'],
  ['/usr/bin/systemd-notify', 'systemd'],
  ['/usr/bin/dbus-daemon', 'dbus'],
  ['/usr/share/pam-configs/systemd', 'libpam-systemd'],
  ['/usr/lib/polkit-1/polkitd', 'polkitd'],
  ['/usr/sbin/useradd', 'passwd'],
  ['/usr/bin/nsenter', 'util-linux'],
] as const;

/** Why no systemd can be booted here, or null. */
export function whyNoSystemd(): string | null {
  if (process.platform !== 'linux') return 'systemd is for Linux';
  if (process.getuid?.() !== 0) return 'only root can boot a systemd of its own';
  const missing = PROGRAMS.filter(([path]) => !isThere(path)).map(([, name]) => name);
  if (missing.length > 0) return `not installed: ${[...new Set(missing)].join(', ')}`;
  return existsSync('/sys/fs/cgroup') ? null : 'there are no control groups here';
}

function isThere(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
