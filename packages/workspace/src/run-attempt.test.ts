import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { containByTree } from './containment/contain-by-tree.ts';
import type { Containment } from './containment/containment.ts';
import { anyAlive, describeKinds, letOthersWork, program, sizeOf, stage, startBystander, until } from './rig/test-rig.ts';

await describeKinds(['cgroup', 'pidns', 'tree'], (containment) => {
  test('a family of processes is ended whole, and a stranger is left alone', async () => {
    const bystander = startBystander();
    const staged = await stage(containment, 'forks-a-family.sh');
    await staged.heard('ready');
    const family = await staged.identities();
    expect(family.length).toBeGreaterThanOrEqual(4);

    staged.attempt.stop('cancelled');
    expect((await staged.attempt.ended).endedBy).toBe('cancelled');
    expect(anyAlive(family)).toBe(false);
    expect(anyAlive([bystander])).toBe(true);
  });

  test('a program that follows TERM ends in its own way', async () => {
    const staged = await stage(containment, 'ends-on-term.sh');
    await staged.heard('ready');
    staged.attempt.stop('cancelled');
    expect(await staged.attempt.ended).toMatchObject({ exitCode: 0, endedBy: 'cancelled', stdout: 'ready\nbye\n' });
    expect(staged.events.filter((event) => event.type === 'stopping')).toMatchObject([{ signal: 'SIGTERM', why: 'cancelled' }]);
  });

  test('a program that ignores TERM is killed after the grace', async () => {
    const staged = await stage(containment, 'ignores-term.sh', { killGraceMs: 20 });
    await staged.heard('ready');
    const members = await staged.identities();
    staged.attempt.stop('fenced');
    expect(await staged.attempt.ended).toMatchObject({ exitCode: null, signal: 'SIGKILL', endedBy: 'fenced' });
    expect(anyAlive(members)).toBe(false);
    expect(staged.events.flatMap((event) => (event.type === 'stopping' ? event.signal : []))).toEqual(['SIGTERM', 'SIGKILL']);
  });

  test('a second stop shortens the grace and does not change the cause', async () => {
    const staged = await stage(containment, 'ignores-term.sh');
    await staged.heard('ready');
    staged.attempt.stop('shutdown', 600_000);
    staged.attempt.stop('cancelled', 0);
    expect((await staged.attempt.ended).endedBy).toBe('shutdown');
  });

  test('what a program leaves behind is ended with it, and its open pipe does not hold the attempt up', async () => {
    const staged = await stage(containment, 'forks-and-exits.sh');
    expect(await staged.attempt.ended).toMatchObject({
      exitCode: 3,
      signal: null,
      endedBy: null,
      stdout: expect.stringMatching(/^child \d+\n$/),
    });
    expect(await staged.attempt.unit?.members()).toEqual([]);
  });

  test('a frozen attempt makes no progress, and goes on when it is thawed', async () => {
    const staged = await stage(containment, 'counts-in-the-background.sh');
    const sizes = (): Promise<number[]> =>
      Promise.all(['progress', 'progress-2'].map((name) => sizeOf(join(staged.workspace.cwd, name))));
    await until(async () => (await sizes()).every((size) => size > 0));

    await staged.attempt.freeze('a test');
    const before = await sizes();
    await letOthersWork();
    expect(await sizes()).toEqual(before);

    await staged.attempt.thaw('the test goes on');
    await until(async () => (await sizes()).every((size, index) => size > (before[index] ?? 0)));
    expect(staged.events.flatMap((event) => (event.type === 'frozen' || event.type === 'thawed' ? [event.type] : []))).toEqual([
      'frozen',
      'thawed',
    ]);
  });

  test('a frozen attempt can be ended, and may still answer TERM', async () => {
    const staged = await stage(containment, 'ends-on-term.sh');
    await staged.heard('ready');
    await staged.attempt.freeze('a test');
    staged.attempt.stop('cancelled');
    expect(await staged.attempt.ended).toMatchObject({ exitCode: 0, stdout: 'ready\nbye\n' });
  });

  test('time runs out by the wall clock, but not while it is frozen', async () => {
    let elapsedMs = 0;
    const clock = { wallMs: () => 0, elapsedMs: () => elapsedMs };
    const staged = await stage(containment, 'prints-and-waits.sh', { wallMs: 40, clock });
    await staged.heard('ready');
    await staged.attempt.freeze('a test');
    elapsedMs = 1_000;
    await letOthersWork();
    await staged.attempt.thaw('the test goes on');
    expect(staged.events.some((event) => event.type === 'stopping')).toBe(false);
    elapsedMs += 40;
    expect((await staged.attempt.ended).endedBy).toBe('timed-out');
  });

  test('a silent program is stalled', async () => {
    const staged = await stage(containment, 'silent-forever.sh', { idleMs: 30 });
    expect((await staged.attempt.ended).endedBy).toBe('stalled');
  });

  test('the prompt arrives on standard input, which then ends', async () => {
    const command = { argv: [program('echoes-input.sh')] as [string], env: {}, stdin: 'a prompt\n' };
    const staged = await stage(containment, 'echoes-input.sh', { command });
    expect((await staged.attempt.ended).stdout).toBe('a prompt\ninput has ended\n');
  });

  test('a program that does not read a long prompt is no failure', async () => {
    const command = { argv: ['true'] as [string], env: {}, stdin: 'x'.repeat(1_000_000) };
    const staged = await stage(containment, '', { command });
    expect(await staged.attempt.ended).toMatchObject({ exitCode: 0, endedBy: null });
  });

  test('words of the command line stay words', async () => {
    const words = ['$(touch hacked)', '; exit 9', '"', "'", '*', '', 'a b'];
    const command = { argv: ['printf', '<%s>', ...words] as [string, ...string[]], env: {}, stdin: '' };
    const staged = await stage(containment, '', { command });
    expect((await staged.attempt.ended).stdout).toBe(words.map((word) => `<${word}>`).join(''));
  });

  test('the environment is what was built, and nothing of the containment shows in it', async () => {
    const staged = await stage(containment, 'prints-environment.sh', {
      command: { argv: [program('prints-environment.sh')], env: { ERRAND_ID: 'staged' }, stdin: '' },
      host: { path: '/usr/bin:/bin', lang: 'C.UTF-8', user: 'somebody' },
    });
    const names = (await staged.attempt.ended).stdout.split('\n').map((line) => line.split('=')[0]);
    const made = ['PATH', 'LANG', 'TERM', 'USER', 'LOGNAME', 'SHELL', 'HOME', 'TMPDIR', 'ERRAND_ID'];
    const xdg = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'];
    // PWD and OLDPWD are the shell's own doing.
    expect(names.filter((name) => name !== '' && !name?.endsWith('PWD')).sort()).toEqual([...made, ...xdg].sort());
  });

  test('a program that is not there cannot start, and says which', async () => {
    const staged = await stage(containment, '', { command: { argv: ['no-such-program'], env: {}, stdin: '' } });
    expect(await staged.attempt.ended).toMatchObject({ exitCode: null, spawnError: 'no-such-program: not found in PATH' });
  });

  test('an exit by a signal is told, by its name or as a shell tells it', async () => {
    const command = { argv: ['sh', '-c', 'kill -SEGV $$'] as [string, ...string[]], env: {}, stdin: '' };
    const end = await (await stage(containment, '', { command })).attempt.ended;
    if (containment.kind === 'pidns') expect(end).toMatchObject({ exitCode: 128 + 11, signal: null, stderr: '' });
    else expect(end).toMatchObject({ exitCode: null, signal: 'SIGSEGV', stderr: '' });
  });
});

await describeKinds(['cgroup', 'pidns'], (containment) => {
  test('a daemon that left its session and its parent does not outlive the attempt', async () => {
    const staged = await stage(containment, 'double-forks-setsid.sh', { killGraceMs: 20 });
    await staged.heard('ready');
    const members = await staged.identities();
    expect(members.length).toBeGreaterThanOrEqual(2);
    staged.attempt.stop('cancelled');
    await staged.attempt.ended;
    expect(anyAlive(members)).toBe(false);
  });
});

describe('the way into a containment', () => {
  /** One whose wrapper, which is to announce the command, does this instead. */
  const instead = (script: string): Containment => ({
    ...containByTree,
    prepare: (id) => {
      const preparation = containByTree.prepare(id);
      if (!preparation.ok) return preparation;
      const wrap = (): [string, ...string[]] => ['/bin/sh', '-c', script];
      return { ok: true, place: { ...preparation.place, announces: true, wrap } };
    },
  });

  test('that is barred is told as a start that failed, with the reason', async () => {
    const staged = await stage(instead('echo no such group >&2; exit 125'), 'forks-and-exits.sh');
    expect(await staged.attempt.ended).toMatchObject({ exitCode: 125, spawnError: 'cannot enter its tree: no such group' });
  });

  test('on which somebody kills it is told as what it is: an end by that signal, and nothing to install', async () => {
    const staged = await stage(instead('kill -9 $$'), 'forks-and-exits.sh');
    const end = await staged.attempt.ended;
    expect(end).toMatchObject({ exitCode: null, signal: 'SIGKILL', endedBy: null });
    expect(end).not.toHaveProperty('spawnError');
  });
});

describe('the output of an attempt', () => {
  test('a flood keeps its head and its tail, says what is missing, and is told on only up to the cap', async () => {
    const staged = await stage(containByTree, 'floods.sh', { outputCapBytes: 10_000 });
    const end = await staged.attempt.ended;
    expect(end.capped).toBe(true);
    expect(end.stdout).toMatch(/^first line\n.*\n\[… \d+ bytes of output left out …\]\n.*last line\n$/s);
    expect(end.stdout.length).toBeLessThan(10_100);
    const told = staged.events.flatMap((event) => (event.type === 'output' ? [event.text] : [])).join('');
    expect(told).toHaveLength(10_000);
    expect(staged.events.filter((event) => event.type === 'output-capped')).toMatchObject([{ limitBytes: 10_000 }]);
  });

  test('a character that comes in pieces is told whole', async () => {
    const command = { argv: [process.execPath, program('splits-characters.mjs')] as [string, string], env: {}, stdin: '' };
    const staged = await stage(containByTree, '', { command });
    expect((await staged.attempt.ended).stdout).toBe('🐌');
    expect(staged.events.flatMap((event) => (event.type === 'output' ? [event.text] : []))).toEqual(['🐌']);
  });
});
