import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { type SessionMemory, Sessions } from './sessions.ts';

const MEMORY: SessionMemory = {
  session: 'b6f1c0de-0000-4000-8000-000000000001',
  id: 'fix-login',
  blob: 'blob-1',
  agent: 'claude',
  cwd: '/state/work/fix-login/1',
  worktree: null,
  reportedUsd: null,
};
const asked = { id: MEMORY.id, blob: MEMORY.blob, agent: MEMORY.agent };

test('a session is remembered over a restart, with what its CLI said that it cost', async () => {
  await using folder = temporaryDirectory();
  const sessions = new Sessions(folder.path);
  await sessions.remember(MEMORY);
  await sessions.report(MEMORY.session, 0.25);
  expect(await new Sessions(folder.path).recall(MEMORY.session, asked)).toEqual({ ...MEMORY, reportedUsd: 0.25 });
});

test.each([
  ['another task', { id: 'other' }],
  ['another version of the task', { blob: 'blob-2' }],
  ['another agent', { agent: 'codex' }],
])('nobody goes on with the session of %s', async (_, change) => {
  await using folder = temporaryDirectory();
  const sessions = new Sessions(folder.path);
  await sessions.remember(MEMORY);
  expect(await sessions.recall(MEMORY.session, { ...asked, ...change })).toBeNull();
});

test.each(['../secrets', '', 'a/b', 'unknown'])('%j is no session of this machine', async (session) => {
  await using folder = temporaryDirectory();
  expect(await new Sessions(folder.path).recall(session, asked)).toBeNull();
});

test('a damaged memory is none, and a report of its cost changes nothing', async () => {
  await using folder = temporaryDirectory();
  const sessions = new Sessions(folder.path);
  await writeFile(join(folder.path, `${MEMORY.session}.json`), '{"session":');
  await sessions.report(MEMORY.session, 1);
  expect(await sessions.recall(MEMORY.session, asked)).toBeNull();
});
