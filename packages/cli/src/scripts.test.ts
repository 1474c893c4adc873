import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hermeticEnv, runCommand, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';

const SCRIPTS = fileURLToPath(new URL('../../../scripts/', import.meta.url));
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

/** A checkout with the real scripts, in which installing and building are programs that say that they ran. */
async function fakeCheckout() {
  const folder = temporaryDirectory();
  const root = join(folder.path, 'my checkout');
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    await utimes(join(root, path), LONG_AGO, LONG_AGO);
  };
  for (const name of [
    'errand',
    'prepare',
    'install',
    'status',
    'delegate',
    'analyze-complexity',
    'count-tests.mjs',
    'run-as-owner.mjs',
  ]) {
    await mkdir(join(root, 'scripts'), { recursive: true });
    await copyFile(join(SCRIPTS, name), join(root, 'scripts', name));
  }
  for (const path of ['package-lock.json', 'tsconfig.base.json', 'packages/cli/package.json', 'packages/cli/tsconfig.json'])
    await write(path, '{}');
  await write('packages/cli/src/errand.ts', '');
  for (const name of ['bundle.mjs', 'bundle-worker.mjs', 'launch.cjs']) await write(`packages/cli/${name}`, '');
  await write(
    'bin/npm',
    `#!/bin/sh\necho "npm $*"\nmkdir -p node_modules/.bin\ncp ../tsc node_modules/.bin/tsc\n: >node_modules/.package-lock.json\n`,
  );
  await writeFile(
    join(folder.path, 'tsc'),
    '#!/bin/sh\necho "tsc $*"\necho "tsc $*" >>../builds\necho "console.log(JSON.stringify(process.argv.slice(2)))" >packages/cli/dist/bundle-errand.cjs\n',
  );
  for (const path of [join(root, 'bin/npm'), join(folder.path, 'tsc')]) await chmod(path, 0o755);
  await utimes(join(root, 'packages/cli/src'), LONG_AGO, LONG_AGO);
  const env = hermeticEnv(folder.path);
  env.TMPDIR = folder.path;
  env.PATH = `${join(root, 'bin')}:${env.PATH}`;
  const run = (path: string, ...args: string[]) => runCommand(path, args, { cwd: '/', env });
  const builds = async (): Promise<number> =>
    (await readFile(join(folder.path, 'builds'), 'utf8').catch(() => '')).split('\n').length - 1;
  return { folder, root, env, run, write, builds, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test('scripts/errand installs and builds once, says so on standard error, and starts the command', async () => {
  await using checkout = await fakeCheckout();
  const errand = join(checkout.root, 'scripts/errand');
  const first = await checkout.run(errand, 'show', 'a b');
  expect(first).toMatchObject({ exitCode: 0, stdout: '["show","a b"]\n' });
  expect(first.stderr).toMatch(/installing[\s\S]*npm ci[\s\S]*building[\s\S]*tsc -b/);
  expect(await checkout.run(errand, 'list')).toEqual({ exitCode: 0, stdout: '["list"]\n', stderr: '' });
});

test('it builds again when a source changed, and only then', async () => {
  await using checkout = await fakeCheckout();
  const errand = join(checkout.root, 'scripts/errand');
  await checkout.run(errand);
  const later = new Date(Date.now() + 60_000);
  await writeFile(join(checkout.root, 'packages/cli/src/errand.test.ts'), '');
  await utimes(join(checkout.root, 'packages/cli/src/errand.test.ts'), later, later);
  await utimes(join(checkout.root, 'packages/cli/src'), LONG_AGO, LONG_AGO);
  await checkout.run(errand);
  expect(await checkout.builds()).toBe(1);
  await utimes(join(checkout.root, 'packages/cli/src/errand.ts'), later, later);
  await checkout.run(errand);
  expect(await checkout.builds()).toBe(2);
});

test('a checkout that does not build goes on with the build before it, and is not built again for each command', async () => {
  await using checkout = await fakeCheckout();
  const errand = join(checkout.root, 'scripts/errand');
  await checkout.run(errand);
  await checkout.write('packages/cli/dist/worker-bundle.js', 'console.log("the worker of before")');
  const mend = await readFile(join(checkout.folder.path, 'tsc'), 'utf8');
  const compiler = join(checkout.root, 'node_modules/.bin/tsc');
  await writeFile(compiler, '#!/bin/sh\necho "it is wrong"\necho "tsc $*" >>../builds\nexit 1\n');
  const source = join(checkout.root, 'packages/cli/src/errand.ts');
  // Newer than the build, and older than the next one.
  const built = await stat(join(checkout.root, 'packages/cli/dist/.built'));
  await utimes(join(checkout.root, 'packages/cli/dist/.built'), LONG_AGO, new Date(built.mtimeMs - 2_000));
  await utimes(source, LONG_AGO, new Date(built.mtimeMs - 1_000));
  const first = await checkout.run(errand, 'status');
  expect(first).toMatchObject({ exitCode: 0, stdout: '["status"]\n', stderr: expect.stringContaining('it is wrong') });
  expect(first.stderr).toContain('errand: the build failed, see above; this is the build before it\n');
  expect(await checkout.run(errand, 'worker')).toEqual({
    exitCode: 0,
    stdout: 'the worker of before\n',
    stderr: 'errand: the build failed a moment ago (scripts/install tries again); this is the build before it\n',
  });
  expect(await checkout.builds()).toBe(2);
  // Where something is stopped or put in its place, nothing old will do.
  for (const command of [[errand, 'service', 'restart'], [join(checkout.root, 'scripts/install')]] as const) {
    const [path, ...args] = command;
    expect(await checkout.run(path, ...args)).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr: expect.stringContaining('the build failed, see above\n'),
    });
  }
  await writeFile(compiler, mend);
  const later = new Date(Date.now() + 60_000);
  await utimes(source, later, later);
  expect((await checkout.run(errand, 'status')).stderr).not.toContain('before it');
});

test('two at once build once', async () => {
  await using checkout = await fakeCheckout();
  const errand = join(checkout.root, 'scripts/errand');
  const both = await Promise.all([checkout.run(errand, '1'), checkout.run(errand, '2')]);
  expect(both.map(({ stdout }) => stdout)).toEqual(['["1"]\n', '["2"]\n']);
  expect(await checkout.builds()).toBe(1);
});

/** A lock of another build of this checkout, as it was left, long ago or now. */
async function leaveLock({ root }: { root: string }, pid: string | null, at = LONG_AGO): Promise<string> {
  const lock = join(root, 'packages/cli/dist/.lock');
  await mkdir(lock, { recursive: true });
  if (pid !== null) await writeFile(join(lock, 'pid'), pid);
  await utimes(lock, at, at);
  return lock;
}

test.each(['has ended', 'never came to write who it is'])('a lock whose owner %s stops nobody', async (what) => {
  await using checkout = await fakeCheckout();
  const ended = await runCommand('sh', ['-c', 'echo $$'], { env: checkout.env });
  const lock = await leaveLock(checkout, what === 'has ended' ? ended.stdout : null);
  expect(await checkout.run(join(checkout.root, 'scripts/errand'), 'list')).toMatchObject({ exitCode: 0, stdout: '["list"]\n' });
  expect(await readdir(dirname(lock))).not.toContain('.lock');
});

test('a build that another process is at is waited for, and that is said once', async () => {
  await using checkout = await fakeCheckout();
  // The other one ends once it was waited for a second time: only its lock is in the way.
  await checkout.write(
    'bin/sleep',
    '#!/bin/sh\necho >>"$TMPDIR/waits"\n[ "$(wc -l <"$TMPDIR/waits")" -lt 2 ] || rm -r "$LOCK"\n',
  );
  await chmod(join(checkout.root, 'bin/sleep'), 0o755);
  checkout.env.LOCK = await leaveLock(checkout, `${process.pid}`, new Date());
  const ran = await checkout.run(join(checkout.root, 'scripts/errand'), 'list');
  expect(ran).toMatchObject({ exitCode: 0, stdout: '["list"]\n' });
  expect(ran.stderr.match(/waiting for .*/g)).toEqual([`waiting for the build of process ${process.pid} …`]);
});

test('a lock that a living process has had for too long is left alone, and named with what to do', async () => {
  await using checkout = await fakeCheckout();
  const errand = join(checkout.root, 'scripts/errand');
  const lock = await leaveLock(checkout, `${process.pid}`);
  const says = `the build of process ${process.pid} has not ended for half an hour`;
  const remedy = `rm -r '${lock}'`;
  const alone = await checkout.run(errand, 'list');
  expect(alone).toMatchObject({ exitCode: 4, stdout: '', stderr: expect.stringContaining(says) });
  expect(alone.stderr).toContain(remedy);
  // Where there is a build before it, that one goes on.
  await checkout.write('packages/cli/dist/bundle-errand.cjs', 'console.log("the build of before")');
  await checkout.write('packages/cli/dist/worker-bundle.js', '');
  const spare = await checkout.run(errand, 'list');
  expect(spare).toMatchObject({ exitCode: 0, stdout: 'the build of before\n', stderr: expect.stringContaining(remedy) });
  expect(await readFile(join(lock, 'pid'), 'utf8')).toBe(`${process.pid}`);
});

test('where no lock can be made, or not be written, it says so and leaves none', async () => {
  await using checkout = await fakeCheckout();
  const errand = join(checkout.root, 'scripts/errand');
  await checkout.write('packages/cli/dist', 'no folder');
  expect(await checkout.run(errand)).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('cannot build: mkdir') });
  // As on a full disk: the folder can be made, and what is written into it cannot.
  await rm(join(checkout.root, 'packages/cli/dist'));
  await checkout.write('bin/mkdir', '#!/bin/sh\n/bin/mkdir "$@" && case $1 in */.lock) /bin/mkdir "$1/pid" ;; esac\n');
  await chmod(join(checkout.root, 'bin/mkdir'), 0o755);
  expect(await checkout.run(errand)).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('cannot be written to') });
  expect(await readdir(join(checkout.root, 'packages/cli/dist'))).toEqual([]);
});

const isRoot = process.getuid?.() === 0;
test.skipIf(!isRoot && process.env.CI !== 'true')(
  `root builds as the owner of the checkout${isRoot ? '' : ' (needs root)'}`,
  async () => {
    await using checkout = await fakeCheckout();
    // The user needs to get there.
    await chmod(checkout.folder.path, 0o755);
    const nobody = 65_534;
    await runCommand('chown', ['-R', `${nobody}:${nobody}`, checkout.folder.path], { env: checkout.env });
    const ran = await checkout.run(join(checkout.root, 'scripts/errand'), 'list');
    expect(ran).toMatchObject({ exitCode: 0, stdout: '["list"]\n', stderr: expect.stringContaining('tsc -b') });
    for (const path of ['node_modules/.bin/tsc', 'packages/cli/dist/.built', 'packages/cli/dist/bundle-errand.cjs'])
      expect([path, (await stat(join(checkout.root, path))).uid]).toEqual([path, nobody]);
  },
);

test('the short names stand for commands, through symbolic links too', async () => {
  await using checkout = await fakeCheckout();
  const link = join(checkout.folder.path, 'link');
  await symlink(join(checkout.root, 'scripts/analyze-complexity'), link);
  expect((await checkout.run(link, 'fix', 'it')).stdout).toBe('["route","--explain","fix","it"]\n');
  expect((await checkout.run(join(checkout.root, 'scripts/status'), '--json')).stdout).toBe('["status","--json"]\n');
  expect((await checkout.run(join(checkout.root, 'scripts/delegate'), 'pi', 'x')).stdout).toBe('["delegate","pi","x"]\n');
});

test('install puts errand into ~/.local/bin, twice is as good as once, and it can be taken away', async () => {
  await using checkout = await fakeCheckout();
  const install = join(checkout.root, 'scripts/install');
  const first = await checkout.run(install);
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('not on your PATH') });
  expect(first.stdout).toContain('errand join');
  expect((await checkout.run(install)).stdout).toContain('there already');
  const errand = join(checkout.env.HOME ?? '', '.local/bin/errand');
  expect((await checkout.run(errand, 'status')).stdout).toBe('["status"]\n');
  await checkout.run(install, '--uninstall');
  expect((await checkout.run('ls', dirname(errand))).stdout).toBe('');
});

test.each([
  ['all passed', { passed: 3, failed: 0, skipped: 0, broken: 0 }, '', '3 passed, 0 failed', 0],
  ['one failed', { passed: 2, failed: 1, skipped: 0, broken: 0 }, '', '2 passed, 1 failed', 1],
  ['a file could not be loaded', { passed: 2, failed: 0, skipped: 0, broken: 1 }, '', '2 passed, 1 failed', 1],
  ['one was skipped', { passed: 2, failed: 0, skipped: 1, broken: 0 }, '', '2 passed, 0 failed', 0],
  ['one was skipped under CI', { passed: 2, failed: 0, skipped: 1, broken: 0 }, 'true', '2 passed, 1 failed', 1],
  ['there was none', { passed: 0, failed: 0, skipped: 0, broken: 0 }, '', '0 passed, 0 failed', 1],
])('the closing line of scripts/test counts right when %s', async (_title, counts, ci, line, exitCode) => {
  await using folder = temporaryDirectory();
  const report = {
    numPassedTests: counts.passed,
    numFailedTests: counts.failed,
    numPendingTests: counts.skipped,
    numTodoTests: 0,
    testResults: Array.from({ length: counts.broken }, () => ({ status: 'failed', assertionResults: [] })),
  };
  await writeFile(join(folder.path, 'report.json'), JSON.stringify(report));
  const env = { ...hermeticEnv(folder.path), CI: ci };
  const result = await runCommand(process.execPath, [join(SCRIPTS, 'count-tests.mjs'), join(folder.path, 'report.json')], {
    env,
  });
  expect(result.exitCode).toBe(exitCode);
  expect(result.stdout.trimEnd().split('\n').at(-1)).toBe(line);
});
