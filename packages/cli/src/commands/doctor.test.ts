import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from '@errand/testing';
import { expect, test } from 'vitest';
import { readyScene } from '../rig/cli-scene.ts';

interface Report {
  schema: number;
  ok: boolean;
  findings: { check: string; state: string; fixed: boolean; command: string | null }[];
}

test('a machine and a queue that are sound give exit status 0, no fault, and leave the remote as it was', async () => {
  await using scene = await readyScene();
  await scene.must('status');
  const before = await scene.remote.repository.refs();
  const result = await scene.errand('doctor', '--json');
  const report = JSON.parse(result.stdout) as Report;
  expect(result.exitCode, result.stdout).toBe(0);
  expect(report).toMatchObject({ schema: 1, ok: true });
  expect(report.findings.filter(({ state }) => state === 'fault')).toEqual([]);
  const seen = report.findings.map(({ check }) => check);
  expect(seen).toEqual(expect.arrayContaining(['git', 'state', 'leases', 'branch', 'clone', 'agents', 'containment', 'service']));
  expect(await scene.remote.repository.refs()).toEqual(before);
});

test('a fault gives exit status 1 and tells what, why and what to type, in 80 columns; --fix mends what it may', async () => {
  await using scene = await readyScene();
  await scene.configure('ntfy: { server: http://127.0.0.1:9, topic: t, token: abc }');
  await scene.remote.repository.git('config', 'receive.advertiseAtomic', 'false');
  const result = await scene.errand('doctor');
  expect(result.exitCode).toBe(1);
  const command = `git -C ${scene.remote.repository.dir} config receive.advertiseAtomic true`;
  expect(result.stdout).toMatch(/^fault {2}atomic: the remote does not do atomic pushes\n {2}why: /m);
  expect(result.stdout).toContain(`\n         ${command}\n`);
  const prose = result.stdout.split('\n').filter((line) => !line.startsWith('         ') && !line.includes('/'));
  expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(80);

  const fixed = (await scene.json('doctor', '--json', '--fix', '--offline')) as Report;
  expect(fixed.findings.filter((finding) => finding.fixed).map(({ check }) => check)).toContain('secrets');
  const again = (await scene.json('doctor', '--json', '--offline')) as Report;
  expect(again.findings.filter(({ check }) => check === 'secrets').map(({ state }) => state)).toEqual(['ok']);
});

test('a file that is not valid does not keep the doctor from looking at the rest', async () => {
  await using scene = await readyScene();
  await scene.configure('slots: many');
  const report = (await scene.json('doctor', '--json', '--offline')) as Report;
  expect(report.ok).toBe(false);
  expect(report.findings.map(({ check, state }) => `${check} ${state}`)).toEqual(
    expect.arrayContaining(['config fault', 'git ok', 'state ok']),
  );
});

test('ended in the middle of its pushes, it removes what it had made', async () => {
  await using scene = await readyScene();
  const { repository } = scene.remote;
  const before = await repository.refs();
  const fifo = join(repository.dir, 'told');
  await mustRun('mkfifo', [fifo], { env: scene.env });
  // The first removal of a ref tells the test, and is not answered before the doctor has gone.
  const once1 = '"$GIT_DIR/told-once"';
  await repository.setHook(
    'update',
    `case "$3" in *[!0]*) exit 0;; esac; [ -e ${once1} ] && exit 0; : > ${once1}; echo "$1" > "$GIT_DIR/told"; sleep 60`,
  );
  const errand = fileURLToPath(new URL('../../dist/errand.js', import.meta.url));
  const child = spawn(process.execPath, [errand, 'doctor', '--json'], { env: scene.env, cwd: scene.dir, stdio: 'ignore' });
  const ended = once(child, 'exit');
  expect(await readFile(fifo, 'utf8')).toMatch(/^refs\/errand\/doctor\/.*\/a\n$/);
  expect((await repository.refs()).size).toBe(before.size + 1);
  child.kill('SIGTERM');
  expect(await ended).toEqual([143, null]);
  expect(await repository.refs()).toEqual(before);
});
