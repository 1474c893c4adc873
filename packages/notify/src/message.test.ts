import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildNotification, type MessageOptions } from './message.ts';
import type { Notification, Occasion } from './notification.ts';

const OPTIONS: MessageOptions = { topic: 'errand' };
const FINISHED = {
  kind: 'finished',
  id: 'fix-login-k3f9',
  nonce: '01K',
  title: 'Fix the login',
  state: 'done',
  worker: 'pi',
  tier: 'sonnet',
  tookMs: 192_000,
  costUsd: 0.0421,
  answer: 'Two of 214 tests fail.',
  resultPath: 'results/2026-11-20/fix-login-k3f9.md',
} as const satisfies Occasion;

function built(occasion: Occasion, options: MessageOptions = OPTIONS): Notification {
  const notification = buildNotification(occasion, options);
  if (notification === null) throw new Error('nothing to tell');
  return notification;
}

const answered = (answer: string): string => built({ ...FINISHED, answer }).message;
const bytesOf = (text: string): number => Buffer.byteLength(text);

test('a task that is done tells who did it, how long it took, what it cost, and the answer', () => {
  expect(built(FINISHED)).toEqual({
    key: 'finished/01K',
    topic: 'errand',
    title: 'Done: Fix the login',
    message: 'pi · sonnet · 3m 12s · $0.04\n\nTwo of 214 tests fail.\n\nresults/2026-11-20/fix-login-k3f9.md',
    priority: 3,
    tags: ['white_check_mark'],
  });
});

test('a failure tells the outcome, and leaves out what is not known', () => {
  const { tier: _tier, tookMs: _tookMs, costUsd: _costUsd, ...rest } = FINISHED;
  const notification = built({ ...rest, state: 'failed', outcome: 'timed-out' });
  expect(notification).toMatchObject({ title: 'Failed: Fix the login', priority: 4, tags: ['x'] });
  expect(notification.message.split('\n')[0]).toBe('pi · timed-out');
});

test.each<[Occasion, Partial<Notification>]>([
  [
    { ...FINISHED, state: 'cancelled' },
    { title: 'Cancelled: Fix the login', priority: 2, tags: ['no_entry_sign'] },
  ],
  [
    { kind: 'queued', id: 'a', title: 'Print it', machine: 'any' },
    { key: 'queued/a', title: 'Queued: Print it', message: 'For any machine.\n\ntasks/a.md', priority: 2, tags: ['inbox_tray'] },
  ],
  [
    { kind: 'dead-worker', machine: 'pi', ids: ['a', 'b'], by: 'laptop', staleOid: 'f00d' },
    {
      key: 'dead-worker/pi/f00d',
      title: 'pi is not answering',
      message: 'laptop has seen no sign of life from the worker on pi. Its tasks are free for other machines:\n- a\n- b',
      priority: 5,
      tags: ['skull'],
    },
  ],
  [
    { kind: 'dead-worker', machine: 'pi', ids: [], by: 'laptop' },
    { message: 'laptop has seen no sign of life from the worker on pi. It was running nothing.' },
  ],
  [
    {
      kind: 'attention',
      about: 'invalid-file',
      key: 'tasks/a.md/f00d',
      title: 'a.md is no task',
      text: 'Line 3.',
      path: 'tasks/a.md',
    },
    {
      key: 'attention/invalid-file/tasks/a.md/f00d',
      title: 'a.md is no task',
      message: 'Line 3.\n\ntasks/a.md',
      priority: 4,
      tags: ['warning'],
    },
  ],
])('occasion %#: its own title, priority and tag', (occasion, expected) => {
  expect(built(occasion)).toMatchObject(expected);
});

test('priorities can be chosen for each occasion, and off tells nothing', () => {
  const priorities = { done: 'min', failed: 'off' } as const;
  expect(built(FINISHED, { ...OPTIONS, priorities }).priority).toBe(1);
  expect(buildNotification({ ...FINISHED, state: 'failed' }, { ...OPTIONS, priorities })).toBeNull();
  expect(built({ ...FINISHED, state: 'cancelled' }, { ...OPTIONS, priorities }).priority).toBe(2);
});

test('a tap opens the file, and nothing where there is no template or it makes no web address', () => {
  const clickOf = (click: string): string | undefined => built(FINISHED, { ...OPTIONS, click }).click;
  expect(clickOf('https://git.example/me/queue/src/branch/main/{path}')).toBe(
    'https://git.example/me/queue/src/branch/main/results/2026-11-20/fix-login-k3f9.md',
  );
  expect(clickOf('javascript:alert({path})')).toBeUndefined();
  expect(clickOf('https://{path}')).toBeUndefined();
  expect(built(FINISHED).click).toBeUndefined();
  const odd = { kind: 'attention', about: 'invalid-file', key: 'k', title: 't', text: 'x', path: 'tasks/a b?$&#.md' } as const;
  expect(built(odd, { ...OPTIONS, click: 'https://e.x/{path}' }).click).toBe('https://e.x/tasks/a%20b%3F%24%26%23.md');
});

test('an answer of exactly the room there is stays whole, and one byte more is cut', () => {
  const frame = bytesOf(answered('')) + bytesOf('\n\n');
  const whole = `${'ab\n'.repeat(1300)}${'a'.repeat(5000)}`.slice(0, 4095 - frame + bytesOf('\n\n'));
  // An empty answer leaves its empty line out.
  const fits = whole.slice(0, 4095 - bytesOf(answered('.')) + 1);
  expect(bytesOf(answered(fits))).toBe(4095);
  expect(answered(fits)).not.toContain('…');
  const cut = answered(`${fits}a`);
  expect(bytesOf(cut)).toBeLessThanOrEqual(4095);
  expect(cut).toMatch(/…\n\nThe rest is in results\/2026-11-20\/fix-login-k3f9\.md$/);
});

test('a long answer is cut after a whole line where one ends nearby', () => {
  const lines = Array.from({ length: 600 }, (_, index) => `line ${index}`);
  const shown = answered(lines.join('\n')).split('\n');
  const last = shown[shown.indexOf('…') - 1];
  expect(lines).toContain(last);
  expect(shown.length).toBeGreaterThan(380);
});

test('a long answer of one line is cut within it, never within a character', () => {
  for (const character of ['é', '語', '🚀']) {
    const message = answered(character.repeat(5000));
    expect(bytesOf(message)).toBeGreaterThan(4085);
    expect(bytesOf(message)).toBeLessThanOrEqual(4095);
    expect(message).not.toContain('\ufffd');
    expect(Buffer.from(message).toString('utf8')).toBe(message);
  }
});

test('what JSON writes as two bytes is counted so that the request stays small enough', () => {
  const notification = built({ ...FINISHED, title: '"'.repeat(500), answer: '"\\\n'.repeat(3000) }, { topic: 't'.repeat(64) });
  expect(bytesOf(JSON.stringify(notification))).toBeLessThan(8192);
  expect(notification.message).toContain('The rest is in');
});

test('terminal sequences, control characters and overrides of the direction are not there', () => {
  const message = answered(
    '\u001b[31mred\u001b[0m \u001b]0;title\u0007\u009b1mx\r\nfile\u202egpj.exe\u2066a\u200bb\u00adc\ud800 \u0000\u0007\u007fend\u2028next\ttab',
  );
  expect(message.split('\n').slice(2, -2)).toEqual(['red x', 'filegpj.exeabc end', 'next\ttab']);
});

test('emoji and scripts that are held together by joiners stay whole', () => {
  const text = '👩‍👩‍👧 नमस्ते می‌خواهم 🏳️‍🌈';
  expect(answered(text)).toContain(text);
});

test('a title is one line of at most 200 bytes', () => {
  const { title } = built({ ...FINISHED, title: `a\nb\r\u001b[1mc\u202e ${'語'.repeat(200)}` });
  expect(title).toMatch(/^Done: a b c 語+…$/);
  expect(bytesOf(title)).toBeLessThanOrEqual(200);
  expect(bytesOf(title)).toBeGreaterThan(195);
});

test('no text of whatever kind makes a message that a server would not take or a phone would not show', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 6000 }), fc.string({ unit: 'grapheme', maxLength: 6000 }));
  fc.assert(
    fc.property(text, text, (title, answer) => {
      const notification = built({ ...FINISHED, title, answer });
      expect(bytesOf(notification.message)).toBeLessThanOrEqual(4095);
      expect(bytesOf(notification.title)).toBeLessThanOrEqual(200);
      expect(bytesOf(JSON.stringify(notification))).toBeLessThan(8192);
      expect(notification.title).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      expect(notification.message).not.toMatch(/(?![\n\t])\p{Cc}|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      expect(notification.message).toContain(FINISHED.resultPath);
    }),
    { numRuns: 200 },
  );
});

test('an answer of a megabyte costs no more than its beginning', () => {
  const hostile = ['\u001b]', ' ', '\n', '\u001b[0'].map((piece) => piece.repeat(1_000_000));
  for (const answer of hostile) expect(bytesOf(answered(answer))).toBeLessThanOrEqual(4095);
});
