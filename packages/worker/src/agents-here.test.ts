import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentRequest } from '@errand/agents';
import type { MachineConfig } from '@errand/config';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentSetupOptions, setUpAgents } from './agents-here.ts';

let folder: TemporaryDirectory;

beforeEach(async () => {
  folder = temporaryDirectory();
  const bin = join(folder.path, 'claude');
  await writeFile(bin, '');
  await chmod(bin, 0o755);
});

afterEach(() => folder[Symbol.asyncDispose]());

const loggedIn = async () => ({ ok: true, version: '2.1.328', login: { kind: 'logged-in' } }) as const;

function setUp(file: Partial<MachineConfig> & { allowed?: string[] }, options: Partial<AgentSetupOptions> = {}) {
  const { allowed = ['command', 'claude'], ...rest } = file;
  const machine = {
    policy: { agents: allowed, permissions: 'edits', sandbox: 'auto', contain: 'auto', repos: 'any', verify: [] },
    agents: { command: { argv: ['sh', '-s'], env: {} } },
    defaultAgent: null,
    ...rest,
  } as unknown as MachineConfig;
  return setUpAgents({ machine, stateDir: folder.path, env: { PATH: folder.path }, checkClaude: loggedIn, ...options });
}

test('what policy allows and what is installed can be run, with the version that it tells', async () => {
  const here = await setUp({});
  if (!here.ok) throw new Error(here.message);
  expect([...here.agents.keys()]).toEqual(['command', 'claude']);
  const withLogin = new Set(['claude']);
  expect(here).toMatchObject({ versions: new Map([['claude', '2.1.328']]), withLogin, defaultAgent: 'claude', remarks: [] });
});

test('what is not installed, or is something else by that name, is told and stops nothing', async () => {
  expect(await setUp({}, { env: { PATH: '/nowhere' } })).toMatchObject({
    ok: true,
    defaultAgent: null,
    remarks: [expect.stringContaining('claude: not found in PATH')],
  });
  const checkClaude = async () => ({ ok: false, cause: 'it plays chess' }) as const;
  expect(await setUp({}, { checkClaude })).toMatchObject({ ok: true, remarks: [expect.stringContaining('it plays chess')] });
});

test('a value whose file cannot be read stops the worker at its start, without a word of other values', async () => {
  const env = { CLAUDE_CODE_OAUTH_TOKEN: { file: join(folder.path, 'token') }, OTHER: 'secret' };
  const here = await setUp({ agents: { claude: { env } } });
  expect(here).toMatchObject({ ok: false, message: expect.stringContaining('agents.claude.env: CLAUDE_CODE_OAUTH_TOKEN') });
  expect(JSON.stringify(here)).not.toContain('secret');
});

const withoutLogin = async () => ({ ok: true, version: '2', login: { kind: 'not-logged-in', cause: '401' } }) as const;

test.each([
  ['the file', { defaultAgent: 'command' }, 'claude', 'command'],
  ['ERRAND_AGENT', {}, 'claude', 'claude'],
  ['what is there', {}, undefined, 'claude'],
  ['what is there, and never command', { allowed: ['command'] }, undefined, null],
  ['nothing, where the file names what is not here', { allowed: ['command'], defaultAgent: 'claude' }, undefined, null],
] as const)('what `auto` means is decided by %s', async (_, file, asked, expected) => {
  const env = { PATH: folder.path, ...(asked && { ERRAND_AGENT: asked }) };
  const { allowed, ...rest } = { allowed: undefined, ...file };
  expect(await setUp({ ...rest, ...(allowed && { allowed: [...allowed] }) }, { env })).toMatchObject({
    defaultAgent: expected,
    remarks: [],
  });
});

test.each(['command', 'codex', '../x'])('ERRAND_AGENT=%s is not followed, and that is told', async (asked) => {
  const here = await setUp({}, { env: { PATH: folder.path, ERRAND_AGENT: asked } });
  expect(here).toMatchObject({ defaultAgent: 'claude', remarks: [expect.stringContaining('ERRAND_AGENT')] });
});

test('an agent without a login is there, and is told to be without one', async () => {
  expect(await setUp({}, { checkClaude: withoutLogin })).toMatchObject({
    withoutLogin: new Map([['claude', '401']]),
    defaultAgent: 'claude',
  });
});

test('a key that was corrected in its file is seen by the next attempt, and one that is gone stays as it was', async () => {
  const file = join(folder.path, 'token');
  await writeFile(file, 'old');
  const agents = { command: { argv: ['sh', '-s'], env: { TOKEN: { file } } } } as unknown as MachineConfig['agents'];
  const here = await setUp({ agents, allowed: ['command'] });
  if (!here.ok) throw new Error(here.message);
  const request = { id: 'a', attempt: 1, tier: 'haiku', model: 'haiku', task: { prompt: 'x' } } as AgentRequest;
  const token = () => here.agents.get('command')?.begin(request).command.env.TOKEN;
  expect(token()).toBe('old');
  await writeFile(file, 'new');
  expect(await here.refresh('command')).toBe(true);
  expect(token()).toBe('new');
  expect(await here.refresh('command')).toBe(false);
  await rm(file);
  expect(await here.refresh('command')).toBe(false);
  expect(token()).toBe('new');
});

test.each([
  ['two-lines', 'tk_1\ntk_2', 'has 2 lines'],
  ['a path', '~/.config/errand/claude-token', 'looks like a path'],
])('a key that is %s is told before it costs a task a try, and not repeated', async (_, key, words) => {
  const here = await setUp({ agents: { claude: { env: { CLAUDE_CODE_OAUTH_TOKEN: key } } } });
  expect(here).toMatchObject({ ok: false, code: 'configuration', message: expect.stringContaining(words) });
  expect(JSON.stringify(here)).not.toContain(key);
});
