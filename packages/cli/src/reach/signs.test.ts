import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Sign, SignFilter, wrapCommand } from './signs.ts';

const NONCE = 'f00d';

function filter(chunks: readonly Buffer[]): { passed: Buffer; signs: Sign[] } {
  const passed: Buffer[] = [];
  const signs: Sign[] = [];
  const one = new SignFilter(
    NONCE,
    (bytes) => passed.push(Buffer.from(bytes)),
    (sign) => signs.push(sign),
  );
  for (const chunk of chunks) one.write(chunk);
  one.end();
  return { passed: Buffer.concat(passed), signs };
}

test('signs are taken out and every other byte passes, wherever the stream is cut into chunks', () => {
  const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const near = fc
    .constantFrom('\u001e', '\u001ef00d', '\u001ef00d started x\u001e', '\u001ebeef ended 1\u001e')
    .map((text) => Buffer.from(text));
  fc.assert(
    fc.property(fc.oneof(noise, near), fc.oneof(noise, near), fc.array(fc.nat(120)), (before, after, cuts) => {
      const whole = Buffer.concat([
        Buffer.from('\u001ef00d started 77\u001e'),
        before,
        Buffer.from('\u001ef00d ended 3\u001e'),
        after,
      ]);
      const places = [...new Set([0, ...cuts.filter((cut) => cut < whole.length), whole.length])].sort((a, b) => a - b);
      const { passed, signs } = filter(places.slice(1).map((end, i) => whole.subarray(places[i], end)));
      expect(signs).toEqual([
        { type: 'started', pid: 77 },
        { type: 'ended', status: 3 },
      ]);
      expect(passed.equals(Buffer.concat([before, after]))).toBe(true);
    }),
  );
});

test.each([
  ['exit 255', 255],
  ['kill -KILL $$', 137],
  ['echo heard >&2; exit 4', 4],
])('the script around a command says when it starts and how it ends: %s', (script, status) => {
  const { stderr } = spawnSync('sh', ['-c', wrapCommand(NONCE, ['sh', '-c', script])], {
    env: { PATH: process.env.PATH, HOME: '/' },
  });
  const { passed, signs } = filter([stderr]);
  expect(signs).toEqual([
    { type: 'started', pid: expect.any(Number) },
    { type: 'ended', status },
  ]);
  expect(passed.toString()).toBe(script.includes('heard') ? 'heard\n' : '');
});

test('a program that is not there is said so by a shell, and words of the shell itself are none', () => {
  for (const word of ['no-such-program', 'exit']) {
    const { stderr } = spawnSync('sh', ['-c', wrapCommand(NONCE, [word])], { env: { PATH: process.env.PATH, HOME: '/' } });
    const { passed, signs } = filter([stderr]);
    expect(signs.at(-1)).toEqual({ type: 'ended', status: 127 });
    expect(passed.toString()).toContain(`${word}: not found`);
  }
});
