import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMachineConfig } from './parse-machine-config.ts';
import { parseQueueConfig } from './parse-queue-config.ts';

const HOST = { home: '/home/me', cwd: '/', uid: 1, hostname: 'pi' };
const KEYS = [
  'queue',
  'slots',
  'policy',
  'agents',
  'command',
  'argv',
  'env',
  'lease',
  'ttl',
  'machines',
  'tiers',
  'tidy',
  'ntfy',
  'file',
  'x',
];

/** Values with the shape of a configuration, most of them wrong. */
const { value: anyConfig } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, 3, -1.5, '', '90s', 'claude', 'command', '-x', 'ext::x', 'never'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 5 }),
  ),
}));

describe('whatever a file holds', () => {
  it('reading it gives a value or problems, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          anyConfig.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          for (const parsed of [parseMachineConfig('/c/config.yaml', text, HOST), parseQueueConfig('config/errand.yaml', text)]) {
            if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
            for (const problem of [...parsed.warnings, ...(parsed.ok ? [] : parsed.problems)]) {
              expect(problem.line).toBeGreaterThan(0);
              expect(problem.column).toBeGreaterThan(0);
              expect(problem.message).not.toBe('');
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
