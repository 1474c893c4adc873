import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@errand/doctor';
import { pathRemote, REMOTE_KINDS, type RemoteServer } from '@errand/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsFor } from './faults.ts';
import { Patient } from './patient.ts';

/** A password in the test's URL, and leftovers that wait for their time, are no part of what is prepared. */
const bad = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === 'fault' || state === 'warning').map(({ check }) => check);

for (const { name, missing, start } of REMOTE_KINDS.filter(({ name }) => name !== 'file://')) {
  const title = missing === null ? `over ${name}` : `over ${name} (${missing})`;
  describe.skipIf(missing !== null && process.env.CI !== 'true')(title, () => {
    let server: RemoteServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    test('a healthy remote gives no alarm, and looks afterwards as it did before', async () => {
      await using remote = await server.openRemote();
      await using patient = await Patient.admit(remote);
      const before = await remote.repository.refs();
      const findings = await patient.examine();
      expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
      expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['custom-refs', 'leases', 'atomic', 'branch']));
      expect(await remote.repository.refs()).toEqual(before);
      expect(JSON.stringify(findings)).not.toContain('correct-horse');
    });

    test('each prepared fault is named alone, with a remedy that is one', { timeout: 600_000 }, async () => {
      await using remote = await server.openRemote();
      await using patient = await Patient.admit(remote);
      const before = await remote.repository.refs();
      let hours = 0;
      /** Each look also shows that the fault before is gone, and takes away what was left because of it. */
      const look = (): Promise<Finding[]> => patient.examine({ fix: true, laterMs: ++hours * 3_600_000, without: 'clone' });
      for (const fault of faultsFor(remote.kind)) {
        const also = remote.kind === 'path' && fault.alsoHere !== undefined ? [fault.alsoHere] : [];
        await fault.prepare(remote);
        const findings = await look();
        const seen = JSON.stringify(
          findings.filter(({ state }) => state !== 'ok'),
          null,
          1,
        );
        const alarms = [...(fault.state === 'note' ? [] : [fault.check]), ...also];
        expect(new Set(bad(findings)), `${fault.name}: ${seen}`).toEqual(new Set(alarms));
        const named = findings.find(({ check, state }) => check === fault.check && state === fault.state);
        expect(`${named?.what} ${named?.why} ${named?.remedy} ${named?.command}`).toMatch(fault.says);
        if (fault.byHand) await fault.byHand(remote);
        else await patient.type(named?.command ?? 'false');
      }
      const content = await look();
      expect(bad(content), JSON.stringify(content, null, 1)).toEqual([]);
      expect(await remote.repository.refs()).toEqual(before);
    });
  });
}

test('a queue in use, whose branch moves while it is looked at, gives no alarm, and everything is tested', async () => {
  await using remote = await pathRemote();
  await using patient = await Patient.admit(remote);
  const { repository } = remote;
  const before = await repository.git('rev-parse', 'main');
  // With each ref that the doctor pushes comes somebody's push to the branch.
  const identity = '-c user.name=Ada -c user.email=ada@localhost';
  const commit = `git ${identity} commit-tree "main^{tree}" -p main -m moved`;
  await repository.setHook('update', `git update-ref refs/heads/main "$(${commit})"`);
  const findings = await patient.examine();
  expect(await repository.git('rev-parse', 'main')).not.toBe(before);
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['branch', 'filters']));
});

test('a damaged private clone is made anew by looking, and that is said', async () => {
  await using remote = await pathRemote();
  await using patient = await Patient.admit(remote);
  await patient.examine();
  for (const clone of await patient.clones()) await writeFile(join(clone, 'refs/heads/main'), '');
  expect(await patient.examine()).toContainEqual(
    expect.objectContaining({ check: 'clone', state: 'note', fixed: true, did: expect.stringContaining('made anew') }),
  );
  expect(bad(await patient.examine())).toEqual([]);
});
