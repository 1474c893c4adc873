import { chmod, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeKinds, makeFolder, stage } from '../rig/test-rig.ts';
import { containByCgroup } from './contain-by-cgroup.ts';
import { findOwnCgroup } from './find-own-cgroup.ts';
import { findSystemdHome, probeContainment } from './probe.ts';

test('the strongest kind that works is chosen, with a reason for each that does not', async () => {
  const probe = await probeContainment('auto');
  if (!probe.ok) throw new Error(probe.message);
  const { kind, notAvailable } = probe.containment;
  expect(['cgroup', 'pidns', 'tree'].indexOf(kind)).toBe(notAvailable.length);
  for (const { reason } of notAvailable) expect(reason).not.toBe('');
});

await describeKinds(['cgroup'], () => {
  test('the user manager is asked where scopes go, and its session does not show in the attempt', async () => {
    const own = findOwnCgroup();
    if (!own.ok) throw new Error(own.reason);
    const slice = join(own.path, `errand-test-slice-${process.pid}`);
    await mkdir(slice);
    onTestFinished(async () => {
      // A real user manager collects the scope of the probe by itself.
      for (const entry of await readdir(slice, { withFileTypes: true }))
        if (entry.isDirectory()) await rmdir(join(slice, entry.name));
      await rmdir(slice);
    });
    const env = {
      PATH: `${await installSystemdRun(slice)}:/usr/bin:/bin`,
      XDG_RUNTIME_DIR: '/run/user/1000',
      DBUS_SESSION_BUS_ADDRESS: 'unix:x',
    };

    const found = await findSystemdHome(env, own.path);
    expect(found).toMatchObject({ ok: true, home: { by: 'systemd', parent: slice } });
    if (!found.ok) return;
    const staged = await stage(containByCgroup(found.home), 'prints-environment.sh');
    const end = await staged.attempt.ended;
    expect(end.exitCode).toBe(0);
    expect(end.stdout).not.toMatch(/XDG_RUNTIME_DIR|DBUS_SESSION/);
    expect(staged.attempt.unit?.describe()).toMatchObject({
      path: expect.stringMatching(new RegExp(`^${slice}/errand-.*\\.scope$`)),
    });
  });
});

test('without a user manager the reason says so', async () => {
  const folder = await installSystemdRun('/nowhere');
  expect(await findSystemdHome({ PATH: `${folder}:/usr/bin:/bin` }, '/')).toMatchObject({
    ok: false,
    reason: expect.stringContaining('XDG_RUNTIME_DIR'),
  });
  expect(await findSystemdHome({ PATH: '/nowhere' }, '/')).toMatchObject({ ok: false, reason: 'systemd-run: not found in PATH' });
});

/** A stand-in for `systemd-run --scope`: makes the scope's group below `slice` and runs the command in it. */
async function installSystemdRun(slice: string): Promise<string> {
  const folder = await makeFolder();
  const path = join(folder, 'systemd-run');
  await writeFile(
    path,
    `#!/bin/sh
test -n "$XDG_RUNTIME_DIR" || exit 1
while [ "$1" != -- ]; do case "$1" in --unit=*) name="\${1#--unit=}";; esac; shift; done
shift
mkdir "${slice}/$name" && echo $$ > "${slice}/$name/cgroup.procs" || exit 1
exec "$@"
`,
  );
  await chmod(path, 0o755);
  return folder;
}
