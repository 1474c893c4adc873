import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// Errand at work, in a temporary folder with a HOME of its own: a queue, a worker, five tasks and their results. It needs
// no account and no network, touches nothing outside that folder, and removes it at the end.

const ERRAND = fileURLToPath(new URL('../packages/cli/dist/errand.js', import.meta.url));
const PATIENCE_MS = 60_000;

const folder = await realpath(await mkdtemp(join(tmpdir(), 'errand-demo-')));
const home = join(folder, 'home');
const queue = join(folder, 'queue.git');
const checkout = join(folder, 'checkout');
const env = {
  PATH: process.env.PATH,
  HOME: home,
  LANG: process.env.LANG ?? 'C.UTF-8',
  TMPDIR: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'You',
  GIT_AUTHOR_EMAIL: 'you@localhost',
  GIT_COMMITTER_NAME: 'You',
  GIT_COMMITTER_EMAIL: 'you@localhost',
};

/** What an agent is to errand: a program that reads the task on standard input. This one runs it as a shell script. */
const AGENT = `#!/bin/sh
echo "id $ERRAND_ID, attempt $ERRAND_ATTEMPT, tier $ERRAND_TIER, model $ERRAND_MODEL"
exec sh -s
`;

const BY_HAND = `---
title: Say hello
machine: demo
---
echo "hello from a file that was committed by hand"
`;

/** Options of `errand delegate`, and the text. The first line is for people and for routing, the others are what runs. */
const DELEGATED = [
  [[], '# Fix the typo in the title of the README.\necho "one letter changed"'],
  [[], '# Write unit tests for the date parser.\necho "14 tests written, all pass"'],
  [[], '# Find the race condition in the scheduler and redesign its locking.\necho "two locks were taken in two orders"'],
  [['--title', 'Fail, and stay failed', '--retries', '0'], 'echo "there is no such table" >&2\nexit 3'],
  [['--title', 'Fail once, then succeed'], '[ "$ERRAND_ATTEMPT" -gt 1 ] || exit 1\necho "the second attempt did it"'],
];
const EXPECTED = { done: 5, failed: 1 };

let worker = null;
/** Commands that run at this moment. */
const commands = new Set();
let interrupted = false;
function leave() {
  if (interrupted) return;
  interrupted = true;
  void cleanUp().then(() => process.exit(130));
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, leave);
// A reader who has seen enough, or a terminal that closed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', leave);

try {
  await main();
} catch (error) {
  if (!interrupted) {
    console.error(`\nThe demo failed: ${error.message}`);
    process.exitCode = 1;
  }
} finally {
  if (!interrupted) await cleanUp();
}

async function main() {
  const started = Date.now();
  await mkdir(home);
  say('A queue is a git repository, here a bare one in a temporary folder.');
  await git(folder, 'init', '--quiet', '--bare', '-b', 'main', queue);
  await show('init', queue);

  say('This machine joins it as "demo", and lets tasks run a small script.');
  await errand('join', queue, '--machine', 'demo', '--slots', '2');
  await setUpAgent();

  say('A worker starts.');
  startWorker();

  say('A task is a file. With git alone: clone, write, commit, push.');
  await git(folder, 'clone', '--quiet', queue, checkout);
  await writeFile(join(checkout, 'tasks', 'hello.md'), BY_HAND);
  await git(checkout, 'add', 'tasks');
  await git(checkout, 'commit', '--quiet', '-m', 'hello, please');
  await git(checkout, 'push', '--quiet');
  console.log(indent(`tasks/hello.md\n${BY_HAND}`));

  say('Or with a command, which prints the id: five more, for three tiers. One fails, one needs a second attempt.');
  for (const [options, text] of DELEGATED) {
    const id = await errand('delegate', ...options, '--', 'demo', text);
    console.log(`  ${id.trim()}`);
  }

  say('The worker claims and runs them. A second attempt comes 10 seconds after the first.');
  const results = await waitForResults(DELEGATED.length + 1);

  say('Results are files too: git pull.');
  await git(checkout, 'pull', '--quiet');
  for (const path of await listResults()) console.log(`  ${path}`);
  for (const path of results.filter((result) => /hello|fail-once/.test(result))) {
    console.log(`\n${indent(`${path}\n${await readFile(join(checkout, path), 'utf8')}`)}`);
  }

  say('And all of it at a glance.');
  await show('status');
  await check(results);
  console.log(`\nDone in ${((Date.now() - started) / 1000).toFixed(1)} s. Your own queue: see README.md.`);
}

async function setUpAgent() {
  const script = join(folder, 'agent.sh');
  await writeFile(script, AGENT);
  await chmod(script, 0o755);
  const lines = [
    `queue: ${JSON.stringify(queue)}`,
    'machine: demo',
    'slots: 2',
    'policy: { agents: [command], permissions: bypass }',
    `agents: { command: { argv: [${JSON.stringify(script)}] } }`,
    'default_agent: command',
    '',
  ];
  await writeFile(join(home, '.config', 'errand', 'config.yaml'), lines.join('\n'));
}

function startWorker() {
  worker = spawn(process.execPath, [ERRAND, 'worker'], { env, cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const print = (chunk) => {
    for (const line of String(chunk).trimEnd().split('\n'))
      if (!/bypass-as-root|user of its own/.test(line)) console.log(`    worker | ${line}`);
  };
  worker.stdout.on('data', print);
  worker.stderr.on('data', print);
  worker.on('exit', (code) => {
    worker = null;
    if (code !== 0 && !interrupted) console.error(`    worker | ended with status ${code}`);
  });
}

async function waitForResults(count) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const results = await listResults();
    if (results.length >= count) return results;
    if (worker === null) throw new Error('the worker ended');
    if (Date.now() > deadline) throw new Error(`only ${results.length} of ${count} results after ${PATIENCE_MS / 1000} s`);
    await sleep(200);
  }
}

async function listResults() {
  const listed = await git(queue, 'ls-tree', '-r', '--name-only', 'main', 'results/');
  return listed.split('\n').filter((path) => path.endsWith('.md'));
}

async function check(results) {
  const states = await Promise.all(
    results.map(async (path) => /^state: (\w+)$/m.exec(await readFile(join(checkout, path), 'utf8'))?.[1]),
  );
  for (const [state, count] of Object.entries(EXPECTED)) {
    const found = states.filter((other) => other === state).length;
    if (found !== count) throw new Error(`${count} tasks should be ${state}, and ${found} are`);
  }
}

async function cleanUp() {
  await Promise.allSettled(commands);
  const ended = worker;
  if (ended !== null) {
    const exit = new Promise((resolve) => ended.once('exit', resolve));
    // Twice: what still runs need not be waited for.
    ended.kill('SIGTERM');
    await sleep(50);
    ended.kill('SIGTERM');
    await Promise.race([exit, sleep(5000, undefined, { ref: false })]);
    if (ended.exitCode === null && ended.signalCode === null) process.kill(-ended.pid, 'SIGKILL');
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function say(text) {
  console.log(`\n${process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[1m${text}\x1b[22m` : text}`);
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, '  | ');
}

async function show(...args) {
  console.log(`  $ errand ${args.map((arg) => (arg === queue ? 'queue.git' : arg)).join(' ')}`);
  console.log(
    (await errand(...args))
      .trimEnd()
      .replaceAll(queue, 'queue.git')
      .replace(/^(?=.)/gm, '  '),
  );
}

async function errand(...args) {
  return run(process.execPath, [ERRAND, ...args], folder);
}

async function git(cwd, ...args) {
  return run('git', args, cwd);
}

async function run(program, args, cwd) {
  if (interrupted) throw new Error('interrupted');
  const running = promisify(execFile)(program, args, { cwd, env, maxBuffer: 16 * 1024 * 1024 });
  running.child.stdin?.end();
  commands.add(running);
  try {
    return (await running).stdout;
  } catch (error) {
    throw new Error(`${args.slice(0, 2).join(' ')}: ${error.stderr || error.message}`);
  } finally {
    commands.delete(running);
  }
}
