import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readyScene } from '../rig/cli-scene.ts';

test('machines and exec know what the queue lists, also while its remote is away, and say what is missing', async () => {
  await using scene = await readyScene();
  const person = await scene.person();
  await person.write('config/errand.yaml', 'machines:\n  far: { address: far.invalid, port: 2222 }\n  bare: {}\n');
  await person.commit('machines');
  await person.push();
  expect(await scene.json('machines', '--json')).toMatchObject({
    machines: [
      { name: 'bare', listed: true, presence: 'unseen', address: null },
      { name: 'far', listed: true, presence: 'unseen', address: 'far.invalid', port: 2222 },
    ],
    remarks: [],
    away: null,
  });
  await scene.remote.goAway();
  const bare = await scene.errand('exec', 'bare', 'true');
  expect([bare.exitCode, bare.stderr]).toEqual([3, expect.stringContaining('machines.bare.address')]);
  // A stand-in for ssh, which runs here what it is to run there.
  await scene.write('bin/ssh', '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n');
  await chmod(join(scene.dir, 'bin/ssh'), 0o755);
  scene.env.ERRAND_SSH = `'${join(scene.dir, 'bin/ssh')}' -F none`;
  expect(await scene.errand('exec', 'far', '--', 'sh', '-c', 'cat; echo "$1" >&2; exit 9', 'sh', '--json')).toMatchObject({
    exitCode: 9,
    stdout: '',
    stderr: '--json\n',
  });
});

test('exec on this machine itself runs the program here, in the home, and without a shell', async () => {
  await using scene = await readyScene();
  const here = await scene.errandWith('in', 'exec', 'pi', 'sh', '-c', 'pwd; cat; echo "$1" >&2; kill -TERM $$', 'sh', '$HOME');
  expect(here).toEqual({ exitCode: 143, stdout: `${scene.env.HOME}\nin`, stderr: '$HOME\n' });
  expect(await scene.errand('exec', 'pi', 'no-such-program')).toMatchObject({ exitCode: 127 });
  await rm(scene.env.HOME ?? '', { recursive: true });
  const config = join(scene.dir, 'config.yaml');
  await scene.write('config.yaml', `queue: ${scene.remote.url}\nmachine: pi\n`);
  Object.assign(scene.env, { ERRAND_CONFIG: config, ERRAND_STATE_DIR: join(scene.dir, 'state') });
  const homeless = await scene.errand('exec', 'pi', 'pwd');
  expect(homeless).toEqual({ exitCode: 0, stdout: '/\n', stderr: expect.stringContaining('the command begins in /') });
  const wrong = await scene.errand('exec', 'pie', 'true');
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean pi?')]);
  expect(await scene.errand('exec', 'pi', '-x')).toMatchObject({ exitCode: 2 });
});

test('what machines says goes into a pipe in whole lines', async () => {
  await using scene = await readyScene();
  const person = await scene.person();
  const address = `${'a-long-name.'.repeat(8)}example.net`;
  await person.write('config/errand.yaml', `machines:\n  one: { address: ${address} }\n  other: { address: ${address} }\n`);
  await person.commit('machines');
  await person.push();
  const lines = (await scene.must('machines')).split('\n');
  expect(lines).toContain(`one and other have the same address, ${address}`);
  expect(lines).toContain('  One machine has one name: take the others out of config/errand.yaml, or correct their addresses.');
});

test('discover reads what tailscale says, and explains itself where there is none', async () => {
  await using scene = await readyScene();
  scene.env.PATH = `${join(scene.dir, 'bin')}:${scene.env.PATH}`;
  await scene.write('bin/tailscale', '#!/bin/sh\necho "failed to connect to local tailscaled" >&2\nexit 1\n');
  await chmod(join(scene.dir, 'bin/tailscale'), 0o755);
  const silent = await scene.errand('machines', 'discover');
  expect([silent.exitCode, silent.stderr]).toEqual([4, expect.stringContaining('failed to connect to local tailscaled')]);
  const status = {
    BackendState: 'Running',
    Self: { HostName: 'pi', DNSName: 'pi.t.ts.net.', OS: 'linux' },
    Peer: { k: { HostName: 'mac', DNSName: 'mac.t.ts.net.', OS: 'macOS', Online: true } },
  };
  await scene.write('bin/tailscale', `#!/bin/sh\n[ "$*" = "status --json" ] && echo '${JSON.stringify(status)}'\n`);
  const found = await scene.errand('machines', 'discover');
  expect(found.stdout).toBe(
    'machines:\n  pi: { address: pi.t.ts.net } # linux, online\n  mac: { address: mac.t.ts.net } # macOS, online\n',
  );
  expect(found.stderr).toContain('git push');
});
