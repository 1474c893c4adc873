import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loginProbe, parseVersion, versionCommand } from '@errand/agents';
import { CLAUDE_VERSIONS, mustHaveClaude, mustRun, whyNoClaude } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { contractPlace } from './place.ts';
import { runProcess } from './run-process.ts';

const missing = whyNoClaude();

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(`Whether Claude Code %s can be used ${missing ?? ''}`, (version) => {
  test('begins with its version', async () => {
    const { argv, env } = versionCommand({ bin: mustHaveClaude(version) });
    const [program, ...args] = argv;
    expect(parseVersion(await mustRun(program, args, { env: { ...env, HOME: '/nonexistent' } }))).toBe(version);
  });

  async function probe(login: { ANTHROPIC_API_KEY?: string }) {
    await using place = await contractPlace(version);
    const { ANTHROPIC_API_KEY: _, ...env } = place.config.env;
    const asked = loginProbe({ ...place.config, env: { ...env, ...login } }, place.request.place.tmp);
    const { ended } = runProcess(asked, place);
    return { state: asked.judge(await ended), requests: place.api.requests().filter(({ method }) => method === 'POST') };
  }

  test('is told by one small request without tools', { timeout: 180_000 }, async () => {
    const { state, requests } = await probe({ ANTHROPIC_API_KEY: 'dummy' });
    expect(state).toEqual({ kind: 'logged-in' });
    expect(requests.map(({ main }) => main)).toEqual([false]);
  });

  test('is asked without obeying what an attempt has planted', { timeout: 180_000 }, async () => {
    await using place = await contractPlace(version);
    const proof = join(place.folder, 'proof');
    const hooks = { SessionStart: [{ hooks: [{ type: 'command', command: `touch ${proof}` }] }] };
    const settings = join(place.config.configDir, 'settings.json');
    writeFileSync(settings, JSON.stringify({ hooks, env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' } }));
    const asked = loginProbe(place.config, place.request.place.tmp);
    const { ended } = runProcess(asked, place);
    expect(asked.judge(await ended)).toEqual({ kind: 'logged-in' });
    expect([existsSync(proof), existsSync(settings)]).toEqual([false, true]);
  });

  test('is known without a request where there is no login', { timeout: 180_000 }, async () => {
    const { state, requests } = await probe({});
    expect(state).toEqual({ kind: 'not-logged-in', cause: expect.stringContaining('no login') });
    expect(requests).toEqual([]);
  });
});
