import type { Held, View } from '@errand/planner';
import { isBeatOfTwin, type WorkerMemory, workerRef } from '@errand/queue';
import { type Heartbeat, nearestOf, type Problem } from '@errand/task';
import { quoteWords } from '../reach/quote-words.ts';
import type { MachineEntry } from './machines-report.ts';

/** Something about the machines of a queue that a person should look at. */
export interface Remark {
  code:
    | 'config-invalid'
    | 'same-address'
    | 'similar-name'
    | 'twin'
    | 'not-a-worker'
    | 'newer-errand'
    | 'unreadable'
    | 'versions-differ';
  /** The machines that it is about. */
  machines: string[];
  message: string;
  hint: string;
}

/** Everything that the remarks are made of. */
export interface Facts {
  machines: readonly MachineEntry[];
  /** This machine. */
  me: string;
  /** What a worker in this state directory remembers of itself; null where none has run. */
  mine: WorkerMemory | null;
  heartbeats: ReadonlyMap<string, Held<Heartbeat>>;
  unreadable: View['unreadable'];
  /** What is wrong with the queue's file. */
  configProblems: readonly Problem[];
}

/** What is odd about the machines, most urgent first. */
export function findRemarks(facts: Facts): Remark[] {
  return [
    ...explainConfig(facts),
    ...findTwin(facts),
    ...findUnreadable(facts),
    ...findSameAddresses(facts),
    ...findSimilarNames(facts),
    ...findForbiddenWorkers(facts),
    ...findVersions(facts),
  ];
}

function explainConfig({ configProblems: [first, ...more] }: Facts): Remark[] {
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  const message = `${first.path}:${first.line}: ${first.message}${others}; until that is mended, no machine counts as listed`;
  return [{ code: 'config-invalid', machines: [], message, hint: first.hint ?? `Run errand lint ${first.path}.` }];
}

/** Seen from here alone: on other machines two workers of one name look like one. */
function findTwin({ me, mine, heartbeats }: Facts): Remark[] {
  const beat = heartbeats.get(me);
  if (beat === undefined || !isBeatOfTwin(mine, beat)) return [];
  if (mine !== null) {
    const message = `another worker uses the name ${me}: the one of this state directory claims nothing while that one beats`;
    const hint = 'Stop one of the two, or give one another name (machine: in its configuration) and restart it.';
    return [{ code: 'twin', machines: [me], message, hint }];
  }
  const message = `a worker uses this machine's name, ${me}, and no worker has run from this state directory`;
  const hint =
    'If it runs on another machine, give one of the two another name: machine: in its configuration. ' +
    'If it runs here, as another user or with another ERRAND_STATE_DIR, all is well.';
  return [{ code: 'twin', machines: [me], message, hint }];
}

function findUnreadable({ machines, unreadable }: Facts): Remark[] {
  return machines.flatMap(({ name }): Remark[] => {
    const found = unreadable.get(workerRef(name));
    if (found === undefined) return [];
    if (found.newer) {
      const message = `${name} runs a newer errand, whose heartbeat this one cannot read`;
      return [{ code: 'newer-errand', machines: [name], message, hint: 'Update errand on this machine.' }];
    }
    const message = `the heartbeat of ${name} cannot be read: ${found.reason}`;
    const hint = `Restart the worker on ${name}; if there is no such machine, take the ref away: ${quoteWords(['git', 'push', 'REMOTE', `:${workerRef(name)}`])}`;
    return [{ code: 'unreadable', machines: [name], message, hint }];
  });
}

function findSameAddresses({ machines }: Facts): Remark[] {
  const byAddress = new Map<string, string[]>();
  for (const { name, address, port } of machines) {
    if (address === null) continue;
    const key = `${plainAddress(address)} ${port ?? 22}`;
    byAddress.set(key, [...(byAddress.get(key) ?? []), name]);
  }
  return [...byAddress].flatMap(([key, names]): Remark[] => {
    if (names.length < 2) return [];
    const message = `${names.join(' and ')} have the same address, ${key.split(' ')[0]}`;
    const hint = 'One machine has one name: take the others out of config/errand.yaml, or correct their addresses.';
    return [{ code: 'same-address', machines: names, message, hint }];
  });
}

/** A listed machine that never came, beside a worker that nobody listed: one of them may be misspelt. */
function findSimilarNames({ machines }: Facts): Remark[] {
  const unlisted = machines.filter(({ listed, presence }) => !listed && presence !== 'unseen').map(({ name }) => name);
  return machines.flatMap(({ name, listed, worker, presence }): Remark[] => {
    const near = listed && worker && presence === 'unseen' ? nearestOf(name, unlisted) : null;
    if (near === null) return [];
    const message = `config/errand.yaml lists ${name}, which was never seen, and a worker calls itself ${near}, which is not listed`;
    const hint = `If they are one machine, use one name: in config/errand.yaml, or machine: in the configuration of ${near}.`;
    return [{ code: 'similar-name', machines: [name, near], message, hint }];
  });
}

function findForbiddenWorkers({ machines }: Facts): Remark[] {
  return machines.flatMap(({ name, worker, online }): Remark[] => {
    if (worker || !online) return [];
    const message = `config/errand.yaml says that ${name} runs no tasks (worker: false), and its worker is online`;
    return [{ code: 'not-a-worker', machines: [name], message, hint: 'Stop that worker, or take worker: false away.' }];
  });
}

function findVersions({ machines }: Facts): Remark[] {
  const online = machines.filter(({ online, version }) => online && version !== null);
  if (new Set(online.map(({ version }) => version)).size < 2) return [];
  const each = online.map(({ name, version }) => `${name} ${version}`).join(', ');
  const hint = 'Neighbouring versions share a queue; update the older ones when it suits you.';
  const names = online.map(({ name }) => name);
  return [{ code: 'versions-differ', machines: names, message: `the workers are of different versions: ${each}`, hint }];
}

/** Two spellings of one address: case, and the dot at the end of a full name. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/\.$/, '');
}
