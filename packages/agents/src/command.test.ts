import type { Task } from '@errand/task';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentRequest, ProcessEnd } from './agent.ts';
import { createCommandAgent, NO_OUTPUT } from './command.ts';

const task: Task = {
  id: 'hello',
  title: 'Say hello',
  prompt: 'echo "$(date)"; rm -rf "$HOME"',
  machines: 'any',
  needs: [],
  agent: 'command',
  model: 'auto',
  priority: 5,
  dependsOn: [],
  hold: false,
  deliver: 'none',
  timeoutMs: 1_800_000,
  retries: 2,
};
const request: AgentRequest = {
  id: 'hello',
  attempt: 2,
  task,
  tier: 'haiku',
  model: 'claude-haiku',
  place: { cwd: '/w', home: '/h', tmp: '/t' },
  session: { kind: 'fresh', id: '00000000-0000-4000-8000-000000000000' },
  instructions: null,
};
const agent = createCommandAgent({ argv: ['sh', '-s'], env: { TOKEN: 'x', ERRAND_ID: 'forged' } });
const run = agent.begin(request);

function ended(end: Partial<ProcessEnd>): ProcessEnd {
  return { exitCode: null, signal: null, endedBy: null, stdout: '', stderr: '', capped: false, ...end };
}

describe('the command that the command agent builds', () => {
  test('takes argv from the machine and nothing of it from the task', () => {
    expect(run.command.argv).toEqual(['sh', '-s']);
  });

  test('hands the prompt over on standard input, ending in a newline', () => {
    expect(run.command.stdin).toBe('echo "$(date)"; rm -rf "$HOME"\n');
  });

  test('names the task, the attempt, the tier and the model, whatever the configuration says', () => {
    expect(run.command.env).toEqual({
      TOKEN: 'x',
      ERRAND_ID: 'hello',
      ERRAND_ATTEMPT: '2',
      ERRAND_TIER: 'haiku',
      ERRAND_MODEL: 'claude-haiku',
    });
  });
});

describe('the judgement of the command agent', () => {
  test('exit status 0 is done, and the answer is what was printed', () => {
    expect(run.judge(ended({ exitCode: 0, stdout: '\nfine\n' }))).toEqual({
      outcome: 'done',
      exitCode: 0,
      answer: 'fine',
    });
  });

  test('success in silence is done, and says that there was no output', () => {
    expect(run.judge(ended({ exitCode: 0 })).answer).toBe(NO_OUTPUT);
  });

  test('a success that spoke on standard error only is answered with that', () => {
    expect(run.judge(ended({ exitCode: 0, stderr: 'copied 3 files\n' })).answer).toBe('copied 3 files');
  });

  test('another exit status is failed, with the status as cause and what it said as answer', () => {
    expect(run.judge(ended({ exitCode: 3, stdout: 'step 1\n', stderr: 'no such host\n' }))).toEqual({
      outcome: 'failed',
      cause: 'exit status 3',
      exitCode: 3,
      answer: 'step 1\n\nno such host',
    });
  });

  test('an exit status above 128 says which signal a shell means by it', () => {
    expect(run.judge(ended({ exitCode: 137 })).cause).toBe('exit status 137 (128 + SIGKILL)');
  });

  test('a signal is failed and named', () => {
    expect(run.judge(ended({ signal: 'SIGSEGV' }))).toEqual({
      outcome: 'failed',
      cause: 'killed by SIGSEGV',
      answer: NO_OUTPUT,
    });
  });

  test('a program that is not there is failed, with what to do about it', () => {
    const end = run.judge(ended({ spawnError: 'frobnicate: not found in PATH' }));
    expect(end).toMatchObject({ outcome: 'failed', cause: 'cannot start: frobnicate: not found in PATH' });
    expect(end.answer).toContain('agents.command.argv');
  });

  test.each(['timed-out', 'stalled', 'cancelled', 'fenced'] as const)(
    'what we ended as %s is that, even with exit status 0',
    (endedBy) => {
      expect(run.judge(ended({ endedBy, exitCode: 0, stdout: 'half' }))).toMatchObject({
        outcome: endedBy,
        answer: 'half',
      });
    },
  );

  test('what a shutdown ended goes back without a try', () => {
    expect(run.judge(ended({ endedBy: 'shutdown', signal: 'SIGTERM' })).giveBack).toBe(true);
  });

  test('a long failure is answered with its end, from the start of a line', () => {
    const stderr = Array.from({ length: 2_000 }, (_, line) => `line ${line}`).join('\n');
    const { answer } = run.judge(ended({ exitCode: 1, stderr }));
    expect(answer.length).toBeLessThan(4_200);
    expect(answer).toMatch(/^…\nline \d+\n/);
    expect(answer.endsWith('line 1999')).toBe(true);
  });

  test('only exit status 0 of a run that nobody ended is ever done, and no answer is empty', () => {
    fc.assert(
      fc.property(
        fc.record({
          exitCode: fc.option(fc.integer({ min: 0, max: 255 })),
          signal: fc.constantFrom(null, 'SIGTERM', 'SIGKILL'),
          endedBy: fc.constantFrom(
            null,
            'timed-out' as const,
            'stalled' as const,
            'cancelled' as const,
            'fenced' as const,
            'shutdown' as const,
          ),
          stdout: fc.string(),
          stderr: fc.string(),
        }),
        (end) => {
          const judged = run.judge(ended(end));
          expect(judged.outcome === 'done').toBe(end.exitCode === 0 && end.endedBy === null);
          expect(judged.answer.trim()).not.toBe('');
        },
      ),
    );
  });
});
