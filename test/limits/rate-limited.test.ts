import { CLAUDE_VERSIONS, limited, rateLimited, say, startModelApi, whyNoClaude } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { claudeOn } from '../rig/claude-on.ts';
import { isEvent, Scene } from '../rig/scene.ts';
import {
  clockFor,
  consider,
  forClaude,
  heartbeatOf,
  LOOK_OFTEN,
  MINUTE_MS,
  recordOf,
  SUBSCRIPTION,
  statusOf,
} from './pauses-scene.ts';

/** Several runs of a real CLI, on a machine that may be busy. */
const TIMEOUT_MS = 180_000;
const missing = whyNoClaude();
const [newer, older] = CLAUDE_VERSIONS;

describe.skipIf(missing !== null)(`a limit of the account${missing === null ? '' : `: ${missing}`}`, () => {
  test(
    'pauses that machine until a minute after its reset, over a restart; another does its tasks; then it works again',
    async () => {
      await using usedUp = await startModelApi();
      await using fresh = await startModelApi();
      await using scene = await Scene.open();
      const resetsAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 120 * MINUTE_MS);
      const until = new Date(resetsAt.getTime() + MINUTE_MS).toISOString();
      usedUp.script([limited({ resetsAt })]);
      fresh.script([say('two did it')]);
      const clock = clockFor(scene, 'one');
      const startOne = () =>
        scene.worker('one', {
          agents: { claude: claudeOn(usedUp, newer, SUBSCRIPTION) },
          config: LOOK_OFTEN,
          clockFile: clock.file,
        });

      await scene.file({ first: forClaude('Do the first thing.') });
      const one = await startOne();
      expect(await one.waitFor(isEvent('paused'), 'the limit')).toMatchObject({ agent: 'claude', about: 'limit', until });
      await one.waitFor(isEvent('retrying', 'first'), 'the task given back');
      expect(await recordOf(scene, 'first')).toMatchObject({
        state: 'waiting',
        attempts: [{ worker: 'one', outcome: 'rate-limited', agent: 'claude' }],
        next: { retry_at: until, not_on: ['one'] },
      });

      await scene.file({ second: forClaude('Do the second thing.') });
      await consider(one, 2);
      expect((await heartbeatOf(scene, 'one')).agents.claude).toMatchObject({ paused_until: until });
      const { text, report } = await statusOf(scene);
      expect(report.machines.find(({ name }) => name === 'one')?.agents).toMatchObject([
        { name: 'claude', paused_until: until, reason: expect.stringContaining('429') },
        { name: 'command', paused_until: null },
      ]);
      expect(text).toContain(`claude limited until ${spellTime(until)} UTC`);
      for (const { state, reason } of report.tasks) {
        expect(state).toBe('waiting');
        expect(reason).toContain('`claude` is paused on `one` until');
      }
      expect(one.all('claimed').map(({ id }) => id)).toEqual(['first']);

      one.signal('SIGKILL');
      await one.exited;
      await scene.file({ third: forClaude('Do the third thing.') });
      const again = await startOne();
      await consider(again, 3);
      expect(again.all('claimed')).toEqual([]);
      expect((await heartbeatOf(scene, 'one')).agents.claude).toMatchObject({ paused_until: until });
      expect(usedUp.asked()).toHaveLength(1);

      const two = await scene.worker('two', {
        slots: 3,
        agents: { claude: claudeOn(fresh, older) },
        config: LOOK_OFTEN,
      });
      for (const id of ['first', 'second', 'third']) await two.waitFor(isEvent('recorded', id), `the result of ${id}`);
      const [first] = await scene.results('first');
      expect(first?.result).toMatchObject({ state: 'done', answer: 'two did it' });
      expect(first?.result.attempts).toMatchObject([
        { worker: 'one', outcome: 'rate-limited', ended_at: expect.any(String) },
        { worker: 'two', outcome: 'done' },
      ]);
      expect(first?.result.attempts[0]).not.toHaveProperty('count');
      for (const id of ['second', 'third']) {
        expect((await scene.results(id))[0]?.result.attempts).toMatchObject([{ worker: 'two', outcome: 'done' }]);
      }
      await two.stop();

      usedUp.script([say('one is back')]);
      clock.by(resetsAt.getTime() - Date.now() + 2 * MINUTE_MS);
      await scene.file({ fourth: forClaude('Do the fourth thing.') });
      await again.waitFor(isEvent('recorded', 'fourth'), 'the result of the machine that was limited');
      expect((await scene.results('fourth'))[0]?.result).toMatchObject({ state: 'done', answer: 'one is back' });
      expect((await heartbeatOf(scene, 'one')).agents.claude).not.toHaveProperty('paused_until');
      expect(await scene.leftovers()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'without a word about its end lasts 15 minutes, again and again, and however often never counts as a try',
    async () => {
      await using api = await startModelApi();
      await using scene = await Scene.open();
      api.script([rateLimited(), rateLimited(), say('at last')]);
      const clock = clockFor(scene, 'one');
      await scene.file({ patient: forClaude('Be patient.') });
      const one = await scene.worker('one', {
        agents: { claude: claudeOn(api, older) },
        config: LOOK_OFTEN,
        clockFile: clock.file,
      });
      let first = 0;
      for (const count of [undefined, 2]) {
        const given = await one.waitFor((event) => event.type === 'retrying' && one.events.indexOf(event) >= first, 'a limit');
        first = one.events.indexOf(given) + 1;
        const { attempts, next } = (await recordOf(scene, 'patient')) as { attempts: unknown[]; next?: { retry_at?: string } };
        const [entry, ...others] = attempts as { ended_at: string; outcome: string; count?: number }[];
        expect(others).toEqual([]);
        expect(entry).toMatchObject({ outcome: 'rate-limited' });
        expect(entry?.count).toBe(count);
        const until = new Date(Date.parse(entry?.ended_at ?? '') + 15 * MINUTE_MS).toISOString();
        expect(next?.retry_at).toBe(until);
        expect(one.all('paused').at(-1)).toMatchObject({ about: 'limit', until, again: count !== undefined });
        clock.by(15 * MINUTE_MS);
      }
      await one.waitFor(isEvent('recorded', 'patient'), 'the result');
      const [patient] = await scene.results('patient');
      expect(patient?.result.state).toBe('done');
      expect(patient?.result.attempts).toMatchObject([{ outcome: 'rate-limited', count: 2 }, { outcome: 'done' }]);
    },
    TIMEOUT_MS,
  );
});

/** As `status` spells a time: another day than today has its date. */
function spellTime(iso: string): string {
  const isToday = iso.slice(0, 10) === new Date().toISOString().slice(0, 10);
  return isToday ? iso.slice(11, 16) : iso.slice(0, 16).replace('T', ' ');
}
