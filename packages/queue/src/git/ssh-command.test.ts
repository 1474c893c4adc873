import { mkdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { isSshRemote, privateSocketFolder, shareConnection } from './ssh-command.ts';

test.each(['git@host:me/queue.git', 'host:queue.git', 'ssh://git@host:22/queue.git', 'git+ssh://host/q'])(
  '%s is an ssh remote',
  (remote) => {
    expect(isSshRemote(remote)).toBe(true);
  },
);

test.each(['/srv/queue.git', './a:b', 'https://host/q.git', 'file:///srv/q.git', 'http://h:80/q'])('%s is none', (remote) => {
  expect(isSshRemote(remote)).toBe(false);
});

test('adds its options behind the own ones, which win with ssh', () => {
  const command = shareConnection('/usr/bin/ssh -i "my key"', 'git@h:q.git', '/run/user/1/errand-ssh');
  expect(command).toMatch(
    /^\/usr\/bin\/ssh -i "my key" -o ControlMaster=auto -o ControlPath=\/run\/user\/1\/errand-ssh\/[0-9a-f]{16} -o /,
  );
  expect(command).toContain('-o BatchMode=yes');
  expect(shareConnection('ssh', 'git@h:q.git', null)).not.toContain('Control');
});

test('leaves programs alone that are not OpenSSH', () => {
  expect(shareConnection('plink -batch', 'git@h:q.git', '/tmp/x')).toBeNull();
  expect(shareConnection('/opt/my-ssh-wrapper', 'git@h:q.git', '/tmp/x')).toBeNull();
  expect(shareConnection('"/opt/open ssh/ssh" -v', 'git@h:q.git', '/tmp/x')).toMatch(/^"\/opt\/open ssh\/ssh" -v -o /);
});

test('shares no connection between two keys or two remotes', () => {
  const socket = (command: string, remote: string) => /ControlPath=(\S+)/.exec(shareConnection(command, remote, '/x') ?? '')?.[1];
  expect(socket('ssh -i a', 'git@h:q')).toBe(socket('ssh -i a', 'git@h:q'));
  expect(socket('ssh -i a', 'git@h:q')).not.toBe(socket('ssh -i b', 'git@h:q'));
  expect(socket('ssh -i a', 'git@h:q')).not.toBe(socket('ssh -i a', 'git@h:r'));
});

test('keeps sockets in a folder that nobody else can enter', async () => {
  await using folder = temporaryDirectory();
  const found = await privateSocketFolder({ XDG_RUNTIME_DIR: folder.path });
  expect(found).toBe(join(folder.path, 'errand-ssh'));
  expect((await stat(found as string)).mode & 0o777).toBe(0o700);
  expect(await privateSocketFolder({ XDG_RUNTIME_DIR: folder.path })).toBe(found);
});

test.each(['open to others', 'a link'])('uses another folder where the first is %s', async (what) => {
  await using folder = temporaryDirectory();
  await mkdir(join(folder.path, 'elsewhere'), { mode: 0o700 });
  const place = join(folder.path, 'errand-ssh');
  await (what === 'a link' ? symlink(join(folder.path, 'elsewhere'), place) : mkdir(place, { mode: 0o755 }));
  expect(await privateSocketFolder({ XDG_RUNTIME_DIR: folder.path })).not.toBe(place);
});

test('uses no folder that is too long for the name of a socket', async () => {
  await using folder = temporaryDirectory();
  const long = join(folder.path, 'x'.repeat(80));
  await mkdir(long);
  expect(await privateSocketFolder({ XDG_RUNTIME_DIR: long })).not.toContain('xxxx');
});
