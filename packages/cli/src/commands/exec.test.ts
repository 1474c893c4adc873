import { chmod, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliScene, readyScene } from '../rig/cli-scene.ts';

/** A stand-in for ssh: it knows one address, and runs here what it is to run there, unless there is a file `down`. */
const SSH = `#!/bin/sh
for word; do [ "$before" = -E ] && log=$word; address=$before; before=$word; done
[ "$address" = new.invalid ] && [ ! -e down ] && exec sh -c "$before"
echo "ssh: Could not resolve hostname $address: Name or service not known" >"$log"
exit 255
`;

/** Where the queue's file says that `far` is. */
async function list(scene: CliScene, entry: string): Promise<void> {
  const person = await scene.person();
  await person.write('config/errand.yaml', `machines: { ${entry} }\n`);
  await person.commit('machines');
  await person.push();
  await rm(join(scene.dir, 'person'), { recursive: true });
}

test('exec asks the queue once the address that it last saw leads nowhere', async () => {
  await using scene = await readyScene();
  await scene.write('bin/ssh', SSH);
  await chmod(join(scene.dir, 'bin/ssh'), 0o755);
  scene.env.ERRAND_SSH = join(scene.dir, 'bin/ssh');
  const exec = () => scene.errandWith('in', 'exec', 'far', 'cat');

  await list(scene, 'far: { address: old.invalid, user: me }');
  await scene.must('status');
  const still = await exec();
  expect(still).toMatchObject({
    exitCode: 4,
    stdout: '',
    stderr: expect.stringContaining('far (me@old.invalid) has an address'),
  });
  expect(still.stderr).not.toContain('last seen');

  await list(scene, 'far: { address: new.invalid }');
  expect(await exec()).toEqual({
    exitCode: 0,
    stdout: 'in',
    stderr: expect.stringMatching(
      /^errand: far was not reached at me@old\.invalid: asking .*\nerrand: it has: trying new\.invalid\n$/,
    ),
  });
  expect(await exec()).toEqual({ exitCode: 0, stdout: 'in', stderr: '' });

  await scene.write('down', '');
  await list(scene, 'near: {}');
  expect(await exec()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('lists no machine far') });

  await scene.remote.goAway();
  expect((await exec()).stderr).toMatch(/lists no machine far\n.* is as last seen \d+ s ago: the queue does not answer\.\n$/);
});

test('exec says how old an address is that leads nowhere while the queue is away', async () => {
  await using scene = await readyScene();
  await scene.write('bin/ssh', SSH);
  await chmod(join(scene.dir, 'bin/ssh'), 0o755);
  scene.env.ERRAND_SSH = join(scene.dir, 'bin/ssh');
  await list(scene, 'far: { address: old.invalid }');
  await scene.must('status');
  await scene.remote.goAway();
  const away = await scene.errand('exec', 'far', 'true');
  expect(away.exitCode).toBe(4);
  expect(away.stderr).toMatch(/cannot find.*\n {2}Check .* is as last seen \d+ s ago: the queue does not answer\.\n$/);
});

test('exec on this machine ends as a shell does where there is no program', async () => {
  await using scene = await readyScene();
  await symlink('loop', join(scene.env.HOME ?? '', 'loop'));
  const long = 'a'.repeat(300);
  for (const [word, said, exitCode] of [
    ['', "'': not found", 127],
    ['no\nsuch', 'no such: not found', 127],
    ['/etc/passwd/foo', '/etc/passwd/foo: not a directory', 127],
    [long, `${long}: name too long`, 127],
    ['./loop', './loop: too many symbolic links encountered', 127],
    ['/etc/passwd', '/etc/passwd: permission denied', 126],
  ] as const) {
    expect(await scene.errand('exec', 'pi', '--', word)).toEqual({ exitCode, stdout: '', stderr: `errand: ${said}\n` });
  }
});
