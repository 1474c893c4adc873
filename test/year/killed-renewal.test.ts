import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ledger, openQueue } from '@errand/queue';
import { pathRemote, runCommand, temporaryDirectory } from '@errand/testing';
import { keepHouse } from '@errand/worker';
import { expect, test } from 'vitest';

const PROCESS = fileURLToPath(new URL('./renewal-process.mjs', import.meta.url));
const STEPS = [
  'as the new clone is made',
  'as the new clone is fetched',
  'when the new clone is whole',
  'before the old clone goes',
  'between the two',
  'before the old clone is deleted',
];
const HOUR_MS = 3_600_000;
const KEEP = { workspacesMs: 1e9, logsMs: 1e9, reposMs: 1e9, resultsMs: 1e9, sizeBytes: 1e9 };

test('a renewal that is killed at any of its steps leaves a queue that reads on, notices a rollback, and is cleaned up', async () => {
  await using remote = await pathRemote();
  await using folder = temporaryDirectory();
  const { repository } = remote;
  const put = (path: string, from: string): Promise<string> => {
    const commit = `commit refs/heads/main\ncommitter a <a@localhost> 1800000000 +0000\ndata 1\nx\n${from}M 100644 inline ${path}\ndata 1\nx\n`;
    return repository.gitWith(commit, 'fast-import', '--quiet', '--force');
  };
  await put('tasks/a.md', '');
  const open = (await repository.resolve('refs/heads/main')) ?? '';
  await put('results/2026-11-19/a.md', 'from refs/heads/main^0\n');
  const done = (await repository.resolve('refs/heads/main')) ?? '';
  for (const [index, step] of STEPS.entries()) {
    await repository.git('update-ref', 'refs/heads/main', done);
    const seen = new Ledger(join(folder.path, `ledger-${index}`));
    await seen.load();
    const { exitCode } = await runCommand(process.execPath, [PROCESS, remote.url, folder.path, step], {
      cwd: folder.path,
      env: remote.env,
    });
    expect([step, exitCode]).toEqual([step, null]);
    const clock = { wallMs: Date.now, elapsedMs: () => 0 };
    const queue = openQueue({ remote: remote.url, branch: 'main', stateDir: folder.path, env: remote.env, clock });
    const look = async (): Promise<string[]> => {
      const read = await queue.readView();
      if (!read.ok) throw new Error(`${step}: ${read.cause.message}`);
      return (await seen.observe(queue.port, read.view)).reopened;
    };
    expect([step, await look()]).toEqual([step, []]);
    await repository.git('update-ref', 'refs/heads/main', open);
    expect([step, await look()]).toEqual([step, ['a']]);
    // The next one is not in the way of what this one left.
    expect(await queue.renewClone({ force: true })).toMatchObject({ kind: 'renewed' });
    await queue.readView();
    await queue.close();
    const env = { ...remote.env, XDG_RUNTIME_DIR: folder.path };
    const nowMs = Date.now() + 2 * HOUR_MS;
    const round = { stateDir: folder.path, keep: KEEP, env, nowMs, atWork: { nonces: new Set<string>() } };
    for (const hours of [4 * index, 4 * index + 2]) await keepHouse({ ...round, elapsedMs: hours * HOUR_MS });
    expect([step, (await readdir(queue.dir)).filter((name) => name.startsWith('clone.'))]).toEqual([step, []]);
  }
});
