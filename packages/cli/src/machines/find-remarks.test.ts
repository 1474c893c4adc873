import { describe, expect, test } from 'vitest';
import { beatOf } from '../rig/follow-scene.ts';
import { type Facts, findRemarks } from './find-remarks.ts';
import type { MachineEntry } from './machines-report.ts';

const OID = 'b'.repeat(40);

function entry(name: string, changes: Partial<MachineEntry> = {}): MachineEntry {
  const none = { seen_at: null, slots: 0, running: [], capabilities: [], agents: [], address: null, user: null, port: null };
  return {
    name,
    here: false,
    listed: true,
    worker: true,
    presence: 'online',
    online: true,
    version: '0.1.0',
    ...none,
    ...changes,
  };
}

function remarksOn(changes: Partial<Facts>): string[] {
  const facts: Facts = {
    machines: [entry('pi'), entry('laptop')],
    me: 'laptop',
    mine: null,
    heartbeats: new Map(),
    unreadable: new Map(),
    configProblems: [],
    ...changes,
  };
  return findRemarks(facts).map(({ code, message, machines }) => `${code} ${machines.join('+')}: ${message}`);
}

test('machines that are as they should be are not remarked on', () => {
  expect(remarksOn({})).toEqual([]);
});

describe('two names for one machine', () => {
  test('are two entries with one address, however it is spelled', () => {
    const machines = [entry('pi', { address: 'Pi.example.net' }), entry('pie', { address: 'pi.example.net.' }), entry('x')];
    expect(remarksOn({ machines })).toEqual(['same-address pi+pie: pi and pie have the same address, pi.example.net']);
  });

  test('are not two doors of one address', () => {
    const machines = [entry('a', { address: 'h' }), entry('b', { address: 'h', port: 2222 }), entry('c', { address: null })];
    expect(remarksOn({ machines })).toEqual([]);
  });

  test('are an entry that nobody ever saw, and a worker with nearly its name', () => {
    const unseen = { presence: 'unseen', online: false, version: null } as const;
    const machines = [entry('rasp-pi', unseen), entry('rasppi', { listed: false }), entry('mac', unseen), entry('pi')];
    expect(remarksOn({ machines })).toEqual([
      expect.stringMatching(/^similar-name rasp-pi\+rasppi: .*rasp-pi, which was never seen/),
    ]);
  });
});

describe("a worker with this machine's name", () => {
  const held = { oid: OID, value: beatOf('laptop', { boot: 'boot-2' }) };
  const heartbeats = new Map([['laptop', held]]);

  test('is a twin where neither its boot nor its heartbeat was written from here', () => {
    const mine = { boots: ['boot-1'], heartbeats: ['a'.repeat(40)] };
    expect(remarksOn({ heartbeats, mine })).toEqual([
      expect.stringMatching(/^twin laptop: another worker uses the name laptop: .* claims nothing/),
    ]);
    expect(remarksOn({ heartbeats })).toEqual([expect.stringContaining('no worker has run from this state directory')]);
  });

  test.each([
    ['its boot', { boots: ['boot-2'], heartbeats: [] }],
    ['its heartbeat', { boots: [], heartbeats: [OID] }],
  ])('is this one where %s was', (_, mine) => {
    expect(remarksOn({ heartbeats, mine })).toEqual([]);
  });

  test('is no concern once it has stopped', () => {
    const stopped = new Map([['laptop', { oid: OID, value: beatOf('laptop', { state: 'stopped' }) }]]);
    expect(remarksOn({ heartbeats: stopped })).toEqual([]);
  });
});

describe('errands that do not fit together', () => {
  test('are different versions online; what is offline does not count', () => {
    const old = { online: false, presence: 'silent', version: '0.0.9' } as const;
    expect(remarksOn({ machines: [entry('pi'), entry('attic', old)] })).toEqual([]);
    expect(remarksOn({ machines: [entry('pi'), entry('mac', { version: '0.2.0' })] })).toEqual([
      'versions-differ pi+mac: the workers are of different versions: pi 0.1.0, mac 0.2.0',
    ]);
  });

  test('are a heartbeat that only a newer one can read, and one that nobody can', () => {
    const machines = [entry('new', { presence: 'unreadable' }), entry('odd', { presence: 'unreadable' })];
    const unreadable = new Map([
      ['refs/errand/workers/new', { oid: OID, reason: 'schema 2', newer: true as const }],
      ['refs/errand/workers/odd', { oid: OID, reason: 'no YAML' }],
    ]);
    expect(remarksOn({ machines, unreadable })).toEqual([
      expect.stringMatching(/^newer-errand new: /),
      'unreadable odd: the heartbeat of odd cannot be read: no YAML',
    ]);
  });
});

test('the name of a ref cannot become a command where one is to be pasted', () => {
  const name = '$(reboot)';
  const unreadable = new Map([[`refs/errand/workers/${name}`, { oid: OID, reason: 'no YAML' }]]);
  const facts = { me: 'laptop', mine: null, heartbeats: new Map(), configProblems: [] };
  const [remark] = findRemarks({ ...facts, machines: [entry(name, { presence: 'unreadable' })], unreadable });
  expect(remark?.hint).toMatch(/: git push REMOTE ':refs\/errand\/workers\/\$\(reboot\)'$/);
});

test('a worker on a machine that should run none is remarked on while it is online', () => {
  expect(remarksOn({ machines: [entry('laptop', { worker: false })] })).toEqual([
    expect.stringMatching(/^not-a-worker laptop: /),
  ]);
  expect(remarksOn({ machines: [entry('laptop', { worker: false, online: false, presence: 'stopped' })] })).toEqual([]);
});
