import { CLAUDE_VERSIONS, forbidden, say, startModelApi, startNtfyServer, unauthorized, whyNoClaude } from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import { describe, expect, test } from 'vitest';
import { claudeOn } from '../rig/claude-on.ts';
import { isEvent, Scene, script } from '../rig/scene.ts';
import { clockFor, consider, forClaude, heartbeatOf, LOOK_OFTEN, MINUTE_MS, SUBSCRIPTION, statusOf } from './pauses-scene.ts';

/** Several runs of a real CLI, on a machine that may be busy. */
const TIMEOUT_MS = 180_000;
const missing = whyNoClaude();
const [newer, older] = CLAUDE_VERSIONS;

describe.skipIf(missing !== null)(`a login that is gone${missing === null ? '' : `: ${missing}`}`, () => {
  test(
    'leaves tasks to another machine, and is told once, however often it is met; once it worked, the next time is told again',
    async () => {
      await using locked = await startModelApi();
      await using open = await startModelApi();
      await using ntfy = await startNtfyServer();
      await using scene = await Scene.open();
      locked.script([unauthorized()]);
      open.script([say('two did it')]);
      const clock = clockFor(scene, 'one');
      const startOne = () =>
        scene.worker('one', {
          agents: { claude: claudeOn(locked, newer, SUBSCRIPTION) },
          config: `${LOOK_OFTEN}\nntfy: { server: "${ntfy.url}", topic: errand }`,
          clockFile: clock.file,
        });
      const titles = () => ntfy.messages('errand').map(({ title }) => title);

      await scene.file({ shared: forClaude('Do it.') });
      const one = await startOne();
      const paused = await one.waitFor(isEvent('paused'), 'the missing login');
      expect(paused).toMatchObject({ agent: 'claude', about: 'login', again: false, reason: expect.stringContaining('401') });
      await one.waitFor(isEvent('retrying', 'shared'), 'the task given back');
      await consider(one, 1);
      expect((await heartbeatOf(scene, 'one')).agents.claude?.paused_until).toBe(paused.until);
      expect((await statusOf(scene)).text).toMatch(/claude paused until .* UTC \(.*401/);
      const two = await scene.worker('two', { agents: { claude: claudeOn(open, older) }, config: LOOK_OFTEN });
      await two.waitFor(isEvent('recorded', 'shared'), 'the result');
      expect((await scene.results('shared'))[0]?.result).toMatchObject({
        state: 'done',
        attempts: [
          { worker: 'one', outcome: 'auth' },
          { worker: 'two', outcome: 'done' },
        ],
      });
      await two.stop();

      await scene.file({ mine: forClaude('Do it here.', 'machine: one\n') });
      for (const failure of [unauthorized(), forbidden()]) {
        locked.script([failure]);
        const before = one.events.length;
        const isNew = (event: WorkerEvent): boolean => one.events.indexOf(event) >= before;
        clock.by(15 * MINUTE_MS);
        await one.waitFor((event) => event.type === 'paused' && event.again && isNew(event), 'the login missed again');
        await one.waitFor((event) => event.type === 'retrying' && isNew(event), 'the task given back');
      }
      one.signal('SIGKILL');
      await one.exited;
      locked.script([say('one is back')]);
      clock.by(15 * MINUTE_MS);
      const again = await startOne();
      await again.waitFor(isEvent('recorded', 'mine'), 'the result');
      await ntfy.received('errand', 2);
      expect(titles()).toEqual(['claude has no login on one', 'Done: Do it here.']);
      expect((await scene.results('mine'))[0]?.result.attempts).toMatchObject([
        { worker: 'one', outcome: 'auth', count: 2 },
        { worker: 'one', outcome: 'done' },
      ]);

      locked.script([unauthorized()]);
      await scene.file({ later: forClaude('Do it later.') });
      await again.waitFor(isEvent('retrying', 'later'), 'the next trouble');
      await ntfy.received('errand', 3);
      expect(titles().at(-1)).toBe('claude has no login on one');
      expect(ntfy.messages('errand')[2]).toMatchObject({ priority: 4, tags: ['warning'] });
    },
    TIMEOUT_MS,
  );

  test(
    'at the start already, the machine takes nothing for that agent, does what it can, and tells once, over restarts',
    async () => {
      await using api = await startModelApi();
      await using ntfy = await startNtfyServer();
      await using scene = await Scene.open();
      // No login at all: Claude Code says so itself, and asks nobody.
      const { env, ...claude } = claudeOn(api, newer);
      const { ANTHROPIC_API_KEY: _, ...withoutKey } = env;
      const startOne = () =>
        scene.worker('one', {
          agents: { claude: { ...claude, env: withoutKey } },
          config: `${LOOK_OFTEN}\nntfy: { server: "${ntfy.url}", topic: errand }`,
        });
      await scene.file({ asks: forClaude('Do it.') });
      for (const id of ['c1', 'c2']) {
        await scene.file({ [id]: script(`echo ${id}`) });
        const one = await startOne();
        expect(await one.waitFor(isEvent('paused'), 'the missing login')).toMatchObject({ about: 'login', again: id === 'c2' });
        await one.waitFor(isEvent('recorded', id), 'what needs no login');
        await consider(one, id === 'c1' ? 2 : 3);
        expect(one.all('claimed').map((claimed) => claimed.id)).toEqual([id]);
        await one.stop();
      }
      expect(ntfy.messages('errand').map(({ title }) => title)).toEqual([
        'claude has no login on one',
        expect.stringMatching(/^Done: /),
        expect.stringMatching(/^Done: /),
      ]);
      expect(api.asked()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
