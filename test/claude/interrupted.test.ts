import {
  CLAUDE_VERSIONS,
  callTool,
  type MessagesBody,
  overloaded,
  type Reply,
  say,
  startModelApi,
  whyNoClaude,
} from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import { describe, expect, test } from 'vitest';
import { claudeOn } from '../rig/claude-on.ts';
import { Gate } from '../rig/gate.ts';
import { findMarked } from '../rig/processes.ts';
import { PutForward } from '../rig/put-forward.ts';
import { TestQueue } from '../rig/test-queue.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { cue, wordsOf } from './acts.ts';
import { hasBegun } from './has-begun.ts';
import { branchesOf, makeProject } from './project.ts';
import { readRecord } from './refs.ts';

const missing = whyNoClaude();
const [newer, older] = CLAUDE_VERSIONS;

/** On a slow and busy machine. */
const PATIENCE_MS = 300_000;
const KILLED = { code: null, signal: 'SIGKILL' };
const STOP_SOON = 'grace: { shutdown: 1s, kill: 1s }';

/** Nearly all of it is input, which is told before the answer comes. */
const usage = { input: 50_000, output: 10 };

/** How a session that goes on is told why. */
const LOST = 'the machine or its worker went down';
const STOPPED = 'the worker was shut down';
const TIMED_OUT = 'the time for one attempt was over';

const long = (keys = ''): string => `---\nagent: claude\nmodel: haiku\n${keys}\n---\nGo a long way ${cue('long')}\n`;

/**
 * A tool call that leaves a file when it has begun, and ends only where the gate is opened. It has begun when it is in the session's
 * transcript, which Claude Code writes a moment late: what a kill comes before, nobody can go on with.
 */
const toolAt = (gate: Gate, begun: string): Reply => {
  const written = `until grep -rqsF 'touch ${begun}' "$CLAUDE_CONFIG_DIR/projects"; do sleep 0.05; done`;
  const command = `echo step >> steps.txt; ${written}; touch ${begun}; read -r go < ${gate.path}`;
  return callTool('Bash', { command, timeout: 600_000 }, { text: 'I run it.', usage });
};

const foldersOf = (worker: WorkerProcess, id: string): string[] =>
  worker.all('prepared').flatMap((event) => (event.id === id ? event.cwd : []));

/** Two rounds of a worker that begin after now: it has seen what is there, and has decided about it. */
async function considerAnew(worker: WorkerProcess): Promise<void> {
  const first = worker.events.length;
  let looks = 0;
  const isLook = (event: WorkerEvent): boolean => event.type === 'polled' && worker.events.indexOf(event) >= first;
  await worker.waitFor((event) => isLook(event) && ++looks === 3, 'looks at the queue');
}

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(
  `Claude Code %s${missing === null ? '' : `: ${missing}`}`,
  { concurrent: true, timeout: PATIENCE_MS },
  (version) => {
    test('goes on with its session, where it was, when its worker was killed or shut down in a tool call; costs are the sum', async () => {
      await using api = await startModelApi();
      await using queue = await TestQueue.open();
      await using gate = await Gate.make(queue.path('gate'));
      const [first, second] = [queue.path('begun-1'), queue.path('begun-2')];
      const survivors: number[] = [];
      let ofFirstRun: number[] = [];
      const goOn = (body: MessagesBody): Reply => {
        if (wordsOf(body).includes(STOPPED)) return say('I have arrived.', { usage });
        if (!wordsOf(body).includes(LOST)) return toolAt(gate, first);
        const running = findMarked(queue.path('pi', 'run'));
        survivors.push(...running.filter((pid) => ofFirstRun.includes(pid)));
        return toolAt(gate, second);
      };
      api.script([(body) => (wordsOf(body).includes(cue('long')) ? goOn(body) : say('Near.', { usage }))]);
      const options = { agents: { claude: claudeOn(api, version) }, config: STOP_SOON };

      const project = await makeProject(queue, { 'README.md': 'Ours.\n' });
      // A stop that counted would be one try too many.
      await queue.file({ long: long(`retries: 1\nrepo: ${project.repository.dir}`) });
      const killed = await queue.startWorker('pi', options);
      await hasBegun(killed, first);
      ofFirstRun = findMarked(queue.path('pi', 'run'));
      killed.signal('SIGKILL');
      expect(await killed.exited).toEqual(KILLED);

      const stopped = await queue.startWorker('pi', options);
      await hasBegun(stopped, second);
      await stopped.stop();
      const record = await readRecord(queue, 'long');
      const session = record.attempts[0]?.session ?? '';
      expect(session).toMatch(/^[0-9a-f-]{36}$/);
      expect(record).toMatchObject({ state: 'waiting', next: { session: { id: session, worker: 'pi' } } });
      await queue.untilNothingRuns();

      await queue.file({ plain: `---\nagent: claude\nmodel: haiku\n---\nGo ${cue('plain')}\n` });
      const last = await queue.startWorker('pi', { ...options, once: true });
      expect(await last.exited, last.errors).toEqual({ code: 0, signal: null });

      const results = await queue.results();
      const { state, answer, attempts = [] } = results.get('long') ?? {};
      expect({ state, answer }).toEqual({ state: 'done', answer: 'I have arrived.' });
      expect(attempts).toMatchObject([
        { attempt: 1, outcome: 'lost', session, cost_estimated: true },
        { attempt: 2, outcome: 'stopped', session, cost_estimated: true },
        { attempt: 3, outcome: 'done', session },
      ]);
      expect(attempts[2]).not.toHaveProperty('cost_estimated');
      expect(ofFirstRun).not.toEqual([]);
      expect(survivors).toEqual([]);
      expect(new Set([killed, stopped, last].flatMap((worker) => foldersOf(worker, 'long')))).toEqual(
        new Set([queue.path('pi', 'work', 'long', '1')]),
      );

      // What was made in between is still there, and is delivered once.
      expect(await branchesOf(project)).toEqual(['errand/long/3', 'main']);
      expect(await project.repository.git('show', 'errand/long/3:steps.txt')).toBe('step\nstep\n');

      const asked = api.asked().map(wordsOf);
      expect(asked).toHaveLength(4);
      // 2.1.197 leaves the call itself out, which has no answer; and a CLI that is killed may not have written down what it said last.
      expect(asked.find((words) => words.includes(STOPPED))).toMatch(new RegExp(`a long way[\\s\\S]*${LOST}[\\s\\S]*${STOPPED}`));

      // Each of them got one answer of the same size, and this is what the CLI takes for one.
      const price = results.get('plain')?.attempts[0]?.cost_usd ?? 0;
      expect(price).toBeGreaterThan(0);
      const sum = attempts.reduce((total, { cost_usd: cost = 0 }) => total + cost, 0);
      expect(sum / price).toBeCloseTo(3, 1);
      expect((attempts[2]?.cost_usd ?? 0) / price).toBeCloseTo(1, 3);
      expect(attempts.map(({ tokens }) => tokens?.input)).toEqual([50_000, 50_000, 50_000]);
      expect(await queue.openRefs()).toEqual([]);
      await queue.untilNothingRuns();
    });
  },
);

/** How a session is gone on with was shown above, for each version. */
describe.skipIf(missing !== null).each(CLAUDE_VERSIONS.slice(0, 1))(
  `Claude Code %s${missing === null ? '' : `: ${missing}`}`,
  { concurrent: true, timeout: PATIENCE_MS },
  (version) => {
    test('goes on with its session when the service is back; what is told of the whole session is counted once', async () => {
      await using api = await startModelApi();
      await using queue = await TestQueue.open();
      const clock = new PutForward(queue.path('clock'));
      api.script([callTool('Bash', { command: 'ls' }, { usage }), overloaded(), say('I have arrived.', { usage })]);
      await queue.file({ long: long() });
      const pi = await queue.startWorker('pi', {
        agents: { claude: claudeOn(api, version) },
        config: 'poll: { interval: 1s }',
        clockFile: clock.file,
      });
      await pi.waitFor(({ type }) => type === 'retrying', 'the task to wait');
      clock.by(60_000);
      await pi.waitFor(({ type }) => type === 'recorded', 'the result');
      await pi.stop();

      const attempts = (await queue.results()).get('long')?.attempts ?? [];
      const [away, back] = attempts;
      expect(attempts).toMatchObject([{ outcome: 'unavailable' }, { outcome: 'done', session: away?.session }]);
      expect(wordsOf(api.asked()[2] ?? { model: '', messages: [] })).toContain('the model could not be reached');
      // Each got one answer, and they were alike.
      expect(away?.cost_usd).toBeGreaterThan(0);
      expect(back?.cost_usd).toBe(away?.cost_usd);
      expect(attempts.map(({ tokens }) => tokens?.input)).toEqual([50_000, 50_000]);
      for (const attempt of attempts) expect(attempt).not.toHaveProperty('cost_estimated');
      await queue.untilNothingRuns();
    });

    test('goes on with its session once after a timeout, and begins afresh after the next', async () => {
      await using api = await startModelApi();
      await using queue = await TestQueue.open();
      await using gate = await Gate.make(queue.path('gate'));
      let resumed = false;
      api.script([
        (body) => {
          const isResumed = wordsOf(body).includes(TIMED_OUT);
          const reply = resumed && !isResumed ? say('I took a short cut.') : toolAt(gate, queue.path('begun'));
          resumed ||= isResumed;
          return reply;
        },
      ]);
      await queue.file({ long: long('timeout: 8s\nretries: 9') });
      const pi = await queue.startWorker('pi', { once: true, agents: { claude: claudeOn(api, version) } });
      expect(await pi.exited, pi.errors).toEqual({ code: 0, signal: null });

      const { answer, attempts = [] } = (await queue.results()).get('long') ?? {};
      expect(answer).toBe('I took a short cut.');
      expect(attempts.slice(0, -1).every(({ outcome }) => outcome === 'timed-out')).toBe(true);
      // On a slow machine there may be others, whose time was over before the model had answered.
      const sessions = attempts.map(({ session }) => session);
      const at = sessions.findIndex((session, index) => session !== undefined && session === sessions[index + 1]);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(sessions.filter((session) => session === sessions[at])).toHaveLength(2);
      const folders = foldersOf(pi, 'long');
      expect(folders[at + 1]).toBe(folders[at]);
      expect(attempts.at(-1)).toMatchObject({ outcome: 'done', session: expect.any(String) });
      expect(folders.at(-1)).not.toBe(folders[at]);
      await queue.untilNothingRuns();
    });
  },
);

describe.skipIf(missing !== null)(
  `a session that was interrupted${missing === null ? '' : `: ${missing}`}`,
  { timeout: PATIENCE_MS },
  () => {
    test('is left to the machine that has it, also by one with nothing to do', async () => {
      await using api = await startModelApi();
      await using queue = await TestQueue.open();
      await using gate = await Gate.make(queue.path('gate'));
      const begun = queue.path('begun');
      api.script([(body) => (wordsOf(body).includes(LOST) ? say('I have arrived.') : toolAt(gate, begun))]);
      const options = { agents: { claude: claudeOn(api, newer) }, config: 'poll: { interval: 1s }' };
      await queue.file({ long: long() });
      const killed = await queue.startWorker('pi', options);
      await hasBegun(killed, begun);
      const vm = await queue.startWorker('vm', { ...options, agents: { claude: claudeOn(api, older) } });
      await considerAnew(vm);
      killed.signal('SIGKILL');
      await killed.exited;

      // Its machine is back, and its only slot is taken.
      await queue.file({ urgent: `---\nagent: command\nmachine: pi\npriority: 0\n---\nread -r go < ${gate.path}\n` });
      const pi = await queue.startWorker('pi', options);
      await pi.waitFor((event) => event.type === 'spawned' && event.id === 'urgent', 'the other task to run');
      await pi.waitFor((event) => event.type === 'retrying' && event.id === 'long', 'the task to wait');
      await considerAnew(vm);
      expect(vm.all('claimed')).toEqual([]);
      await gate.letThrough(9);
      await pi.waitFor((event) => event.type === 'recorded' && event.id === 'long', 'the result');
      await Promise.all([pi.stop(), vm.stop()]);

      const attempts = (await queue.results()).get('long')?.attempts ?? [];
      expect(attempts).toMatchObject([
        { worker: 'pi', outcome: 'lost' },
        { worker: 'pi', outcome: 'done', session: attempts[0]?.session },
      ]);
      expect(vm.all('claimed')).toEqual([]);
      await queue.untilNothingRuns();
    });
  },
);
