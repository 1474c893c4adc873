import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineConfig } from '@errand/config';
import { describe, expect, test } from 'vitest';
import type { Found } from '../finding.ts';
import { Machine } from '../rig/machine.ts';
import { findWorkerTraces, type WorkerTraces } from '../worker-user.ts';
import { agents, judgeAgents, judgeRoot } from './agents.ts';
import { judgeConfig } from './config.ts';

test('the login of an agent is not asked for offline', async () => {
  await using machine = new Machine();
  await machine.configure('queue: /q', 'policy: { agents: [command], contain: tree }', 'agents: { command: { argv: [sh, -s] } }');
  expect(await machine.see({}, agents)).toMatchObject([{ state: 'ok', what: 'command is set up' }]);
});

test('no login is a fault, an unknown one a note, one that is missing a warning', () => {
  const seen = {
    agents: new Map([['claude', null]]),
    versions: new Map([['claude', '2.1.0']]),
    withLogin: new Set<string>(),
    withoutLogin: new Map<string, string>(),
    remarks: [] as string[],
  };
  expect(judgeAgents({ ...seen, withLogin: new Set(['claude']) }, false)).toMatchObject([
    { state: 'ok', what: 'claude 2.1.0, its login works' },
  ]);
  expect(judgeAgents({ ...seen, withoutLogin: new Map([['claude', '401']]) }, false)).toMatchObject([
    { state: 'fault', command: 'claude setup-token' },
  ]);
  expect(judgeAgents(seen, true)).toMatchObject([{ state: 'note' }]);
  expect(judgeAgents({ ...seen, agents: new Map(), remarks: ['claude is not here'] }, false)).toMatchObject([
    { state: 'warning', what: 'claude is not here' },
  ]);
});

/** Everything below a folder, with what it says. */
async function readTree(folder: string): Promise<Map<string, string | null>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }));
  return new Map(
    await Promise.all(paths.map(async ({ path, isFile }) => [path, isFile ? await readFile(path, 'utf8') : null] as const)),
  );
}

/** A machine with a program that answers like Claude Code with a login. */
async function machineWithClaude(): Promise<Machine> {
  const machine = new Machine();
  const bin = join(machine.folder.path, 'claude');
  const said = JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: 'Yes' });
  const answer = `if [ "$1" = --version ]; then echo '2.1.328 (Claude Code)'; else cat >/dev/null; echo '${said}'; fi`;
  await writeFile(bin, `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
  await machine.configure('queue: /q', 'policy: { agents: [claude], contain: tree }', `agents: { claude: { bin: ${bin} } }`);
  return machine;
}

describe('looking at an agent changes nothing:', () => {
  test('offline, a machine that never ran it has nothing afterwards', async () => {
    await using machine = await machineWithClaude();
    expect(await machine.see({ offline: true }, agents)).toMatchObject([{ state: 'note' }]);
    expect(await readTree(machine.stateDir)).toEqual(new Map());
  });

  test.each([true, false])('the folder of its login stays as it is, and is not made (offline: %s)', async (offline) => {
    await using machine = await machineWithClaude();
    const account = join(machine.stateDir, 'agents/claude');
    const found = [expect.objectContaining({ state: offline ? 'note' : 'ok' })];
    expect(await machine.see({ offline }, agents)).toEqual(found);
    await expect(stat(account)).rejects.toThrow('ENOENT');
    await mkdir(join(account, 'plugins'), { recursive: true });
    for (const name of ['settings.json', 'CLAUDE.md', 'plugins/one.json']) await writeFile(join(account, name), '{}');
    const before = await readTree(account);
    expect(await machine.see({ offline }, agents)).toEqual(found);
    expect(await readTree(account)).toEqual(before);
  });
});

describe('bypass as root', () => {
  const judge = (who: Partial<WorkerTraces>, config: object = {}): Found[] => {
    const machine = { policy: { agents: ['claude'], permissions: 'bypass' }, agents: {}, ...config } as unknown as MachineConfig;
    return judgeRoot(machine, { service: null, memory: null, caller: null, self: 1000, ...who }, '/opt/errand');
  };

  test('is named, whether a service or a worker by hand runs so', () => {
    expect(judge({ self: 0 })).toMatchObject([{ state: 'warning', what: expect.stringMatching(/^the worker runs as root/) }]);
    expect(judge({ memory: 0, caller: 1000, self: 0 })).toMatchObject([{ state: 'warning' }]);
    const command = 'sudo /opt/errand/scripts/errand service install --system --user NAME';
    expect(judge({ service: 0 })).toMatchObject([{ what: expect.stringMatching(/^the service runs as root/), command }]);
  });

  test('is no alarm where root only looks', () => {
    expect(judge({ caller: 1000, self: 0 })).toEqual([]);
    expect(judge({ memory: 1000, self: 0 })).toEqual([]);
    expect(judge({ service: 1000, memory: 0, self: 0 })).toEqual([]);
  });

  test('is named for any agent, and claude is said not to start', () => {
    const policy = { agents: ['command'], permissions: 'bypass' };
    const [command] = judge({ self: 0 }, { policy });
    expect(command?.what).toContain('command may do anything');
    expect(command?.what).not.toContain('refuses');
    expect(judge({ self: 0 })).toMatchObject([{ what: expect.stringContaining('claude refuses to start as root') }]);
  });

  test('is no alarm without bypass, and of an agent whose owner says that root of a container is meant', () => {
    expect(judge({ self: 0 }, { policy: { agents: ['claude'], permissions: 'edits' } })).toEqual([]);
    const meant = { env: { IS_SANDBOX: '1' } };
    expect(judge({ self: 0 }, { agents: { claude: meant } })).toEqual([]);
    const both = { policy: { agents: ['claude', 'command'], permissions: 'bypass' } };
    expect(judge({ self: 0 }, { ...both, agents: { claude: meant, command: { env: {} } } })).toMatchObject([
      { what: expect.stringContaining('bypass: command may') },
    ]);
    expect(judge({ self: 0 }, { ...both, agents: { claude: meant, command: meant } })).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0 && process.env.CI !== 'true')(
    `is told by a doctor that root asks where no service is installed${process.getuid?.() === 0 ? '' : ' (needs root)'}`,
    async () => {
      await using machine = new Machine();
      const allowed = 'policy: { agents: [command], permissions: bypass, contain: tree }';
      await machine.configure('queue: /q', allowed, 'agents: { command: { argv: [sh, -s] } }');
      expect(await machine.see({}, agents)).toContainEqual(
        expect.objectContaining({ state: 'warning', what: expect.stringContaining('(bypass-as-root)') }),
      );
    },
  );

  const isRoot = process.getuid?.() === 0;
  test.skipIf(!isRoot && process.env.CI !== 'true')(
    `is judged by who wrote what a worker remembers${isRoot ? '' : ' (needs root)'}`,
    async () => {
      await using machine = new Machine();
      const queueDir = machine.stateDir;
      await mkdir(queueDir);
      expect(await findWorkerTraces({ env: { ...machine.env, SUDO_UID: '1234' }, queueDir })).toMatchObject({
        memory: null,
        caller: 1234,
      });
      await writeFile(join(queueDir, 'worker.json'), '{}');
      await chown(join(queueDir, 'worker.json'), 4321, 4321);
      expect(await findWorkerTraces({ env: machine.env, queueDir })).toMatchObject({ memory: 4321, caller: null, self: 0 });
    },
  );

  test('is told by this check alone, which knows as whom the worker runs', () => {
    const warning = { path: '/c', line: 1, column: 1, code: 'bypass-as-root', message: 'as root' };
    expect(judgeConfig({ config: { ok: true, value: null, warnings: [warning] }, machine: null })).toMatchObject([
      { what: 'this machine is connected to no queue' },
    ]);
  });
});
