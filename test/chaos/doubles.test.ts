import { expect, test } from 'vitest';
import { Doubles } from './doubles.ts';
import type { Run } from './evidence.ts';
import type { OurProcess } from './process-table.ts';
import type { Work } from './work.ts';

const run = (id: string, machine: string, startMs: number, attempt = 1): Run => ({ id, attempt, machine, startMs, endMs: null });

const agentOf = ({ id, attempt, machine }: Run, isStill = false): OurProcess => ({
  pid: 4711,
  start: '1',
  role: 'agent',
  command: 'sh',
  env: new Map([
    ['ERRAND_ID', id],
    ['ERRAND_ATTEMPT', String(attempt)],
    ['MACHINE', machine],
  ]),
  isStill,
});

/** When `pi` has beaten, and who has a key; `alive` may be changed. */
function scene({ beatsMs = [], keys = {} }: { beatsMs?: number[]; keys?: Record<string, string> }) {
  const alive: OurProcess[] = [];
  const doubles = new Doubles({
    processes: () => alive,
    silentMs: (machine, fromMs, toMs) => toMs - (beatsMs.findLast((beatMs) => machine === 'pi' && beatMs <= fromMs) ?? 0),
    works: new Map(Object.entries(keys).map(([id, key]) => [id, { id, key } as Work])),
  });
  return { alive, doubles, found: () => [...doubles.found.values()] };
}

test('an agent that begins while another of its task runs is a double, with how long its holder was silent', () => {
  const { alive, doubles, found } = scene({ beatsMs: [1_000, 9_000] });
  const first = run('a', 'pi', 1_500);
  doubles.start(first);
  alive.push(agentOf(first));
  doubles.start(run('a', 'vm', 8_000, 2));
  expect(found()).toEqual([{ about: 'a', first: 'attempt 1 of a on pi', second: 'attempt 2 of a on vm', silentMs: 7_000 }]);
});

test('so are two of one key, and two of different keys are none', () => {
  const { alive, doubles, found } = scene({ keys: { a: 'deploy', b: 'deploy', c: 'other' } });
  const first = run('a', 'pi', 1_000);
  doubles.start(first);
  alive.push(agentOf(first));
  doubles.start(run('c', 'vm', 2_000));
  doubles.start(run('b', 'vm', 2_000));
  expect(found()).toMatchObject([{ about: 'key deploy', first: 'attempt 1 of a on pi', second: 'attempt 1 of b on vm' }]);
});

test('an agent that is dead, frozen, or has ended, runs beside nobody', () => {
  const { alive, doubles, found } = scene({});
  const [dead, frozen, ended] = [run('dead', 'pi', 1_000), run('frozen', 'pi', 1_000), run('ended', 'pi', 1_000)];
  for (const one of [dead, frozen, ended]) doubles.start(one);
  alive.push(agentOf(frozen, true), agentOf(ended));
  ended.endMs = 1_500;
  for (const id of ['dead', 'frozen', 'ended']) doubles.start(run(id, 'vm', 2_000, 2));
  doubles.lookBack();
  expect(found()).toEqual([]);
});

test('one that was frozen just then and went on is found when it has ended', () => {
  const { doubles, found } = scene({ beatsMs: [500] });
  const first = run('a', 'pi', 1_000);
  doubles.start(first);
  const second = run('a', 'vm', 2_000, 2);
  doubles.start(second);
  expect(found()).toEqual([]);
  first.endMs = 3_000;
  doubles.lookBack();
  expect(found()).toMatchObject([{ about: 'a', silentMs: 1_500 }]);
});
