import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { renderResult, resultPath } from '@errand/task';
import { type Person, runCommand } from '@errand/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliScene, readyScene } from '../rig/cli-scene.ts';
import { resultOf } from '../rig/follow-scene.ts';

const at = '2026-11-20T09:00:00.000Z';
/** What the machine that ran `hostile` says when it is asked for the log: events, odd ones, and what is none. */
const HOSTILE = [
  JSON.stringify({ type: 'started', at }),
  JSON.stringify({ type: 'started', at, argv: ['sh'], containment: 'tree' }),
  '\u001b]0;owned\u0007\u001b[2J',
  JSON.stringify({ type: 'says', at, text: 'well \u001b[31mdone\u009b2J' }),
  '{"type":"spent",\r"at":"","tokens":{}}',
  JSON.stringify({ type: 'danced', at }),
  JSON.stringify({ type: 'exited', at, exitCode: 0, signal: null }),
];

let scene: CliScene;
let person: Person;

beforeAll(async () => {
  scene = await readyScene();
  person = await scene.person();
  await person.write('config/errand.yaml', 'machines: { far: { address: far.invalid } }\n');
  for (const id of ['hostile', 'endless']) {
    const result = resultOf(id);
    const attempts = result.attempts.map((attempt) => ({ ...attempt, worker: 'far' }));
    await person.write(resultPath(id, result.finished_at), renderResult({ ...result, attempts }));
  }
  await person.commit('done');
  await person.push();
  // A stand-in for ssh, which runs here what it is to run there, and one for the errand that is there.
  await scene.write('bin/ssh', '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n');
  await scene.write('hostile', `${HOSTILE.join('\n')}\n`);
  await scene.write(
    'home/.local/bin/errand',
    `#!/bin/sh\nprintf 'a remark\\033[2J\\n' >&2\ncase "$*" in\n*endless) while echo '${HOSTILE[1]}'; do :; done ;;\n*) cat '${scene.dir}/hostile' ;;\nesac\n`,
  );
  for (const name of ['bin/ssh', 'home/.local/bin/errand']) await chmod(join(scene.dir, name), 0o755);
  scene.env.ERRAND_SSH = join(scene.dir, 'bin/ssh');
  scene.env.PATH = '/usr/bin:/bin';
});

afterAll(() => scene[Symbol.asyncDispose]());

test('what another machine says as its log is shown as far as it is one, and steers nothing', async () => {
  expect(await scene.errand('logs', 'hostile')).toEqual({
    exitCode: 0,
    stdout: 'started (containment: tree): sh\nwell \u001b[31mdone\u009b2J\nexited with status 0\n',
    stderr: 'a remark\n',
  });
  const raw = await scene.errand('logs', '--raw', 'hostile');
  expect(raw.stdout).not.toMatch(/[^\P{Cc}\n]/u);
  const types = raw.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).type);
  expect(types).toEqual(['started', 'started', 'says', 'spent', 'danced', 'exited']);
});

test('what this machine has is shown, with a word on a later attempt elsewhere, and that one is fetched by its number', async () => {
  await scene.write('home/.local/state/errand/logs/moved/01.jsonl', `${HOSTILE[1]}\n`);
  const shown = { exitCode: 0, stdout: 'started (containment: tree): sh\n' };
  expect(await scene.errand('logs', 'moved')).toEqual({ ...shown, stderr: '' });
  const result = resultOf('moved');
  const [attempt] = result.attempts;
  if (!attempt) throw new Error('no attempt');
  const attempts = [attempt, { ...attempt, attempt: 2, worker: 'far' }];
  await person.write(resultPath('moved', result.finished_at), renderResult({ ...result, attempts }));
  await person.commit('moved');
  await person.push();
  await scene.must('show', 'moved');
  await scene.remote.goAway();
  const stderr = 'errand: this is an earlier attempt: attempt 2 ran on far. See errand logs moved --attempt 2\n';
  expect(await scene.errand('logs', 'moved')).toEqual({ ...shown, stderr });
  expect(await scene.errand('logs', '--here', 'moved')).toEqual({ ...shown, stderr });
  await scene.remote.comeBack();
  expect((await scene.errand('logs', 'moved', '--attempt', '2')).stdout).toContain('well');
});

test('a reader that has seen enough leaves nothing behind', async () => {
  const { env, dir } = scene;
  const errand = `${process.execPath} ${join(import.meta.dirname, '../../dist/errand.js')}`;
  const seen = await runCommand('sh', ['-c', `${errand} logs endless | head -n 1`], { cwd: dir, env });
  expect(seen.stdout).toBe('started (containment: tree): sh\n');
  expect((await readdir(dir)).filter((name) => name.startsWith('errand-exec-'))).toEqual([]);
});
