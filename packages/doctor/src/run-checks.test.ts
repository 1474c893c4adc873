import { expect, test } from 'vitest';
import type { Check, CheckContext } from './check.ts';
import type { Found } from './finding.ts';
import { runChecks } from './run-checks.ts';

const context = { signal: new AbortController().signal } as CheckContext;

function check(name: string, look: Check['look'], limitMs = 60_000): Check {
  return { name, limitMs, look };
}

const sound = check('sound', async () => [{ state: 'ok', what: 'it is sound' }]);

test('a check that throws is a finding of its own, and the next one is run', async () => {
  const broken = check('broken', async () => {
    throw new Error('no such luck');
  });
  const findings = await runChecks([broken, sound], context, { fix: false });
  expect(findings).toMatchObject([
    { check: 'broken', state: 'warning', why: 'no such luck' },
    { check: 'sound', state: 'ok' },
  ]);
});

test('a check that never ends is given up and told to stop, and the next one is run', async () => {
  let told = false;
  const endless = check(
    'endless',
    ({ signal }) =>
      new Promise<readonly Found[]>(() => {
        signal.addEventListener('abort', () => {
          told = true;
        });
      }),
    5,
  );
  const findings = await runChecks([endless, sound], context, { fix: false });
  expect(findings.map(({ check, state }) => [check, state])).toEqual([
    ['endless', 'warning'],
    ['sound', 'ok'],
  ]);
  expect(told).toBe(true);
});

test('repairs are made only when they are asked for, and one that fails says why', async () => {
  const done: string[] = [];
  const bad = (what: string, repair: Found['repair']): Found => ({ state: 'warning', what, ...(repair && { repair }) });
  const checks = [
    check('ill', async () => [
      bad('one', async () => {
        done.push('one');
        return { ok: true, did: 'mended one' };
      }),
      bad('two', async () => ({ ok: false, why: 'it is stuck' })),
      bad('three', async () => {
        throw new Error('it broke');
      }),
      bad('four', undefined),
    ]),
  ];
  const looked = await runChecks(checks, context, { fix: false });
  expect(looked.map(({ fixable, fixed, did }) => [fixable, fixed, did])).toEqual([
    [true, false, null],
    [true, false, null],
    [true, false, null],
    [false, false, null],
  ]);
  expect(done).toEqual([]);
  const mended = await runChecks(checks, context, { fix: true });
  expect(mended.map(({ fixed, did }) => [fixed, did])).toEqual([
    [true, 'mended one'],
    [false, 'could not: it is stuck'],
    [false, 'could not: it broke'],
    [false, null],
  ]);
});

test('somebody who ends the doctor waits for no further check', async () => {
  const ended = new AbortController();
  const first = check('first', async () => {
    ended.abort();
    return [];
  });
  const asked: string[] = [];
  await runChecks([first, sound], { ...context, signal: ended.signal }, { fix: false, onChecking: (name) => asked.push(name) });
  expect(asked).toEqual(['first']);
});
