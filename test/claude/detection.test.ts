import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLAUDE_VERSIONS, say, startModelApi, startNtfyServer, whyNoClaude } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { claudeOn } from '../rig/claude-on.ts';
import { TestQueue } from '../rig/test-queue.ts';
import { readHeartbeat } from './refs.ts';
import { whyItWaits } from './status.ts';

const missing = whyNoClaude();
/** On a slow and busy machine. */
const PATIENCE_MS = 300_000;

const forClaude = '---\nagent: claude\nmodel: haiku\nretries: 0\n---\nSay hello.\n';

test('a machine without Claude Code says so: tasks for it wait with that reason, and others are done', async () => {
  await using queue = await TestQueue.open();
  await queue.file({
    hello: forClaude,
    anyone: 'Say hello.\n',
    plain: '---\nagent: command\n---\necho hello\n',
  });
  const pi = await queue.startWorker('pi', { agents: { claude: { bin: 'claude-that-nobody-installed' } } });
  await pi.waitFor((event) => event.type === 'recorded' && event.id === 'plain', 'the result of the command');
  expect(pi.all('trouble')).toMatchObject([
    { duty: 'agents', text: expect.stringMatching(/^claude is not here \(.+\): tasks for it wait; install it/) },
  ]);
  expect(await whyItWaits(queue, 'hello')).toContain('wants the agent `claude`, which `pi` cannot run');
  expect(await whyItWaits(queue, 'anyone')).toContain('names no agent');
  await pi.stop();
  expect(pi.all('claimed').map(({ id }) => id)).toEqual(['plain']);
  expect((await readHeartbeat(queue, 'pi')).agents).toEqual({ command: {} });
});

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(
  `Claude Code %s${missing === null ? '' : `: ${missing}`}`,
  { timeout: PATIENCE_MS },
  (version) => {
    test('without a login is paused before its first task, which is said once; with a good one the next start works at once', async () => {
      await using locked = await startLockedService();
      await using api = await startModelApi();
      await using ntfy = await startNtfyServer();
      await using queue = await TestQueue.open();
      api.script([say('Hello.')]);
      const config = `ntfy: { server: ${JSON.stringify(ntfy.url)}, topic: mine }`;
      await queue.file({ hello: forClaude });

      const lockedOut = await queue.startWorker('pi', { agents: { claude: claudeOn(locked, version) }, config });
      await lockedOut.waitFor((event) => event.type === 'push-ended' && event.purpose === 'heartbeat', 'the heartbeat');
      const [paused] = lockedOut.all('paused');
      expect(paused).toMatchObject({
        agent: 'claude',
        about: 'login',
        reason: expect.stringContaining('the service answered 401'),
      });
      const { agents } = await readHeartbeat(queue, 'pi');
      expect(agents.claude).toEqual({ version, paused_until: paused?.until, reason: paused?.reason });
      expect(await whyItWaits(queue, 'hello')).toMatch(/`claude` is paused on `pi` until .+: the service answered 401/);
      await lockedOut.stop();
      expect(lockedOut.all('claimed')).toEqual([]);
      expect(lockedOut.all('paused')).toHaveLength(1);
      expect(ntfy.messages('mine').map(({ title }) => title)).toEqual(['claude has no login on pi']);

      const pi = await queue.startWorker('pi', { once: true, agents: { claude: claudeOn(api, version) }, config });
      expect(await pi.exited, pi.errors).toEqual({ code: 0, signal: null });
      expect((await queue.results()).get('hello')).toMatchObject({ state: 'done', attempts: [{ outcome: 'done' }] });
      expect((await readHeartbeat(queue, 'pi')).agents.claude).toEqual({ version });
      await queue.untilNothingRuns();
    });
  },
);

describe.skipIf(missing !== null)(
  `a task that names no agent${missing === null ? '' : `: ${missing}`}`,
  { timeout: PATIENCE_MS },
  () => {
    test('is for the model that is there, never for the shell, but where the machine itself says so', async () => {
      await using api = await startModelApi();
      await using queue = await TestQueue.open();
      api.script([say('Hello.')]);
      const options = { once: true, agents: { claude: claudeOn(api, CLAUDE_VERSIONS[0]) } };
      await queue.file({ first: 'echo hello\n' });
      const tempted = await queue.startWorker('pi', { ...options, env: { ...queue.env, ERRAND_AGENT: 'command' } });
      await tempted.exited;
      expect(tempted.all('trouble')).toMatchObject([{ text: expect.stringContaining('ERRAND_AGENT=command is not followed') }]);
      await queue.file({ second: 'echo hello\n' });
      const told = await queue.startWorker('pi', {
        ...options,
        env: { ...queue.env, ERRAND_AGENT: 'claude' },
        config: 'default_agent: command',
      });
      await told.exited;
      const results = await queue.results();
      expect(results.get('first')).toMatchObject({ answer: 'Hello.', attempts: [{ agent: 'claude' }] });
      expect(results.get('second')).toMatchObject({ answer: 'hello', attempts: [{ agent: 'command' }] });
    });
  },
);

/** A service that takes no key. */
async function startLockedService(): Promise<{ url: string } & AsyncDisposable> {
  const error = { type: 'authentication_error', message: 'invalid x-api-key' };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
