import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptEntry } from './outcome.ts';
import type { ClaimedRecord, Heartbeat, KeyHold, ParkedRecord, WaitingRecord } from './record.ts';
import { MAX_BODY_BYTES, parseHeartbeat, parseKeyHold, parseRecord, renderBody } from './record-body.ts';
import { readQuickYaml } from './yaml/quick-yaml.ts';

const BLOB = '1234567890123456789012345678901234567890';
const OTHER_BLOB = 'abcdef7890123456789012345678901234567890';
const AT = '2026-11-20T09:12:44.123Z';

const attempt: AttemptEntry = {
  attempt: 1,
  worker: 'pi',
  agent: 'command',
  tier: 'haiku',
  ended_at: AT,
  outcome: 'failed',
  cause: 'exit status 3: "no"',
  task: BLOB,
};

const claimed: ClaimedRecord = {
  schema: 1,
  id: 'fix-login',
  nonce: '01KADMQ6X7ABCDEFGHJKMNPQRS',
  task: BLOB,
  attempts: [attempt],
  state: 'claimed',
  attempt: 2,
  worker: 'pi',
  boot: '7',
  key: { name: 'null', oid: BLOB },
  tier: 'sonnet',
  claimed_at: AT,
  next: { retry_at: AT, wait_s: 10, not_on: ['laptop'] },
};

const waiting: WaitingRecord = {
  schema: 1,
  id: 'fix-login',
  nonce: '0',
  task: BLOB,
  attempts: [],
  state: 'waiting',
  reason: 'failed on pi: exit status 3',
};

const parked: ParkedRecord = {
  schema: 1,
  id: 'fix-login',
  nonce: '12345',
  task: BLOB,
  attempts: [attempt, { ...attempt, attempt: 2, count: 5 }],
  state: 'parked',
  attempt: 3,
  worker: 'pi',
  boot: 'b',
  result_state: 'done',
  subject: 'done: fix-login (sonnet, 3m 12s) on pi',
  finished_at: AT,
};

const heartbeat: Heartbeat = {
  schema: 1,
  machine: 'pi',
  boot: 'b',
  state: 'running',
  runs: [{ nonce: '1', id: 'fix-login', attempt: 1, started_at: AT, phase: 'running' }],
  version: '0.1.0',
  slots: 2,
  capabilities: ['docker', '1', 'true'],
  agents: { command: {}, claude: { paused_until: AT, reason: 'limit: 5 h' } },
  interval_s: 60,
  ttl_s: 180,
  at: AT,
  nonce: '9',
};

const keyHold: KeyHold = { schema: 1, key: 'deploy: "all"\n', nonce: '1', id: 'a', worker: 'pi' };

test('a body is a line for people, an empty line, and YAML with the schema first', () => {
  expect(renderBody('claimed: fix-login on pi', waiting)).toBe(
    `claimed: fix-login on pi\n\nschema: 1\nid: fix-login\nnonce: "0"\ntask: "${BLOB}"\nattempts: []\nstate: waiting\nreason: "failed on pi: exit status 3"\n`,
  );
});

test.each([claimed, waiting, parked, { ...waiting, next: { wait_s: 0.5, tier: 'opus' as const } }])(
  'a record that is $state comes back equal',
  (record) => {
    expect(parseRecord(renderBody('subject', record))).toEqual({ ok: true, value: record });
  },
);

test.each([heartbeat, { ...heartbeat, state: 'tombstone' as const, runs: [], agents: {} }])(
  'a heartbeat that is $state comes back equal',
  (beat) => {
    expect(parseHeartbeat(renderBody('pi', beat))).toEqual({ ok: true, value: beat });
  },
);

test('a key comes back equal', () => {
  expect(parseKeyHold(renderBody('key', keyHold))).toEqual({ ok: true, value: keyHold });
});

test('every body that is written here is read the quick way', () => {
  for (const value of [claimed, waiting, parked, heartbeat, keyHold]) {
    expect(readQuickYaml(renderBody('s', value).slice(3))).toEqual(value);
  }
});

test('a subject is one line, whatever is put into it', () => {
  expect(renderBody('a\n\nschema: 9\u0007', keyHold)).toMatch(/^a schema: 9\n\nschema: 1\n/);
  expect(renderBody('', keyHold)).toMatch(/^\S+\n\nschema: 1\n/);
});

test('texts of every kind come back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (reason, cause) => {
      const record = { ...waiting, reason, attempts: [{ ...attempt, cause }] };
      expect(parseRecord(renderBody(reason, record))).toEqual({ ok: true, value: record });
    }),
    { numRuns: 1000 },
  );
});

test('YAML in another layout is read all the same, and what a neighbouring version adds is passed over', () => {
  const body = `s\n\n# by hand\nschema: 1\nstate: waiting\nid: fix-login\nnonce: 'a'\ntask: '${BLOB}'\nattempts: []\nreason: >-\n  folded\n  text\nmood: { good: true }\n`;
  expect(parseRecord(body)).toEqual({ ok: true, value: { ...waiting, nonce: 'a', reason: 'folded text' } });
});

test('a later schema is left alone, and said to be newer', () => {
  expect(parseRecord('s\n\nschema: 2\nstate: dreaming\n')).toEqual({
    ok: false,
    newer: true,
    reason: 'it is written for schema 2: update errand on this machine',
  });
});

test.each([
  ['no body', 'subject only'],
  ['not YAML', 's\n\nschema: [1'],
  ['not valid', 's\n\nschema: 1\n'],
  ['not valid at task', renderBody('s', { ...waiting, task: 'HEAD' })],
  ['not valid at id', renderBody('s', { ...waiting, id: '../x' })],
  ['not valid at worker', renderBody('s', { ...claimed, worker: 'a b' })],
  ['more than 65536 bytes', `s\n\nschema: 1\nx: ${'y'.repeat(MAX_BODY_BYTES)}`],
])('a body is refused with its reason: %s', (reason, message) => {
  expect(parseRecord(message)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
});

test('a history that does not fit loses other versions first, then the oldest, and keeps its ends', () => {
  const attempts = Array.from({ length: 800 }, (_, i) => ({
    ...attempt,
    attempt: i + 1,
    task: i % 2 === 0 ? OTHER_BLOB : BLOB,
    cause: 'c'.repeat(300),
  }));
  const body = renderBody('s', { ...waiting, attempts });
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  const read = parseRecord(body);
  if (!read.ok) throw new Error(read.reason);
  const kept = read.value.attempts;
  expect(kept[0]?.attempt).toBe(1);
  expect(kept.at(-1)?.attempt).toBe(800);
  expect(kept.slice(1).every((entry) => entry.task === BLOB)).toBe(true);
  expect(kept.length).toBeGreaterThan(150);
});

test('the tries that a task may have all fit, however long their causes', () => {
  const attempts = Array.from({ length: 101 }, (_, i) => ({
    ...attempt,
    attempt: i + 1,
    model: 'm'.repeat(200),
    cause: 'c'.repeat(5000),
  }));
  const read = parseRecord(renderBody('s', { ...waiting, attempts, reason: 'r'.repeat(90_000) }));
  expect(read).toMatchObject({ ok: true });
  expect(read.ok && read.value.attempts).toHaveLength(101);
});

test('no message makes the reader throw', () => {
  const body = renderBody('s', claimed);
  fc.assert(
    fc.property(fc.nat(body.length), fc.nat(20), fc.string({ unit: 'binary', maxLength: 5 }), (at, drop, insert) => {
      expect(parseRecord(body.slice(0, at) + insert + body.slice(at + drop))).toHaveProperty('ok');
    }),
    { numRuns: 1000 },
  );
});
