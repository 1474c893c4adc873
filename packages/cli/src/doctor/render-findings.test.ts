import type { Finding } from '@errand/doctor';
import { expect, test } from 'vitest';
import { displayWidth } from '../text-width.ts';
import { renderFindings } from './render-findings.ts';

const finding = (changes: Partial<Finding>): Finding => ({
  check: 'it',
  state: 'ok',
  what: 'it is so',
  why: null,
  remedy: null,
  command: null,
  fixable: false,
  fixed: false,
  did: null,
  ...changes,
});
const plain = { colour: false, columns: 80, verbose: false, fix: false };

test('the worst comes first, what is in order last and in short', () => {
  const text = renderFindings(
    [
      finding({ check: 'git' }),
      finding({ check: 'disk', state: 'warning', what: 'little is left' }),
      finding({ check: 'git' }),
      finding({
        check: 'atomic',
        state: 'fault',
        what: 'no atomic pushes',
        why: 'so it is',
        remedy: 'Do this:',
        command: 'do it',
      }),
    ],
    plain,
  );
  expect(text).toBe(
    [
      'fault  atomic: no atomic pushes',
      '  why: so it is',
      '  do:  Do this:',
      '         do it',
      '',
      'warning  disk: little is left',
      '',
      'In order: git.',
      '',
      '1 fault, 1 warning.',
      '',
    ].join('\n'),
  );
});

test('what was repaired says what was done, and asks for nothing more', () => {
  const text = renderFindings(
    [finding({ state: 'warning', fixable: true, fixed: true, did: 'chmod 600 x', remedy: 'Do:', command: 'chmod' })],
    plain,
  );
  expect(text).toBe('fixed  it: it is so\n  did: chmod 600 x\n\n1 repaired. Everything is in order.\n');
});

test('long text is broken to fit, a command never is, and text of others cannot steer the terminal', () => {
  const long = 'word '.repeat(60).trim();
  const command = `git -C ${'/long/path'.repeat(20)} config x y`;
  const text = renderFindings([finding({ state: 'fault', what: `${long}\u001b[2J`, why: long, remedy: long, command })], plain);
  expect(text).toContain(`         ${command}\n`);
  expect(text).not.toContain('\u001b');
  const lines = text.split('\n').filter((line) => !line.includes('/long/path'));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  const wide = renderFindings([finding({ state: 'fault', what: '漢字 '.repeat(40), why: '漢字 '.repeat(40) })], plain);
  expect(Math.max(...wide.split('\n').map(displayWidth))).toBeLessThanOrEqual(80);
});

test('with --verbose everything that is in order has its line', () => {
  expect(renderFindings([finding({ check: 'git', what: 'git 2.39' })], { ...plain, verbose: true })).toBe(
    'ok  git: git 2.39\n\nEverything is in order.\n',
  );
});

test('with --fix it ends with what was repaired, what could not be, and what is for somebody else', () => {
  const fixed = finding({ check: 'filters', state: 'note', fixable: true, fixed: true, did: 'git config' });
  const failed = finding({ check: 'secrets', state: 'warning', fixable: true, did: 'could not: no' });
  const other = finding({ check: 'atomic', state: 'fault' });
  const text = renderFindings([finding({ check: 'git' }), fixed, failed, other], { ...plain, fix: true });
  expect(text.split('\n').slice(-5)).toEqual([
    'Repaired: filters.',
    'Could not be repaired: secrets.',
    'Not for errand to repair, see above: atomic.',
    '1 repaired, 1 fault, 1 warning.',
    '',
  ]);
});
