import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTask } from './parse-task.ts';
import { renderTask } from './render-task.ts';

test('a task with nothing but a prompt is plain text', () => {
  expect(renderTask({}, 'Run uptime')).toBe('Run uptime\n');
});

test('keys stand in the order of the manual', () => {
  expect(renderTask({ priority: 1, machine: 'pi', title: 'Up: time?' }, 'Run uptime\n')).toBe(
    '---\ntitle: "Up: time?"\nmachine: pi\npriority: 1\n---\nRun uptime\n',
  );
});

test('a prompt that starts with a rule stays a prompt', () => {
  const prompt = '---\nhold: true\n---\ntext';
  expect(parseTask('tasks/a.md', new TextEncoder().encode(renderTask({}, prompt)))).toMatchObject({
    value: { prompt, hold: false },
  });
});

test('what is written is read back', () => {
  const keys = fc.record(
    {
      title: fc
        .string({ unit: 'grapheme', maxLength: 40 })
        .map((text) => text.trim())
        .filter((text) => /^(?=.*\S)\P{Cc}{1,200}$/u.test(text)),
      machine: fc.array(fc.constantFrom('pi', 'laptop', '1', '0x1', 'null', 'true'), { minLength: 1 }),
      key: fc.constantFrom('deploy', '1', 'true', 'a: b', '~'),
      hold: fc.boolean(),
      retries: fc.nat(100),
      timeout: fc.constant('1h 30m'),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      keys,
      fc.string({ unit: 'grapheme' }).filter((text) => text.trim() !== '' && !/\0|\r/.test(text) && !text.startsWith('\uFEFF')),
      (values, prompt) => {
        const parsed = parseTask('tasks/a.md', new TextEncoder().encode(renderTask(values, prompt)));
        expect(parsed).toMatchObject({
          ok: true,
          value: {
            prompt: prompt.trimEnd(),
            hold: values.hold ?? false,
            retries: values.retries ?? 2,
            timeoutMs: values.timeout === undefined ? 1_800_000 : 5_400_000,
            machines: values.machine === undefined ? 'any' : [...new Set(values.machine)],
            ...(values.title === undefined ? {} : { title: values.title }),
            ...(values.key === undefined ? {} : { key: values.key }),
          },
        });
      },
    ),
    { numRuns: 500 },
  );
});
