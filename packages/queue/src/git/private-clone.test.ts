import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  fileRemote,
  httpRemote,
  pathRemote,
  sshRemote,
  type TestRemote,
  temporaryDirectory,
  whyNoSshRemote,
} from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { pushHistory, writeRecordCommit, writeTasksCommit } from '../conformance/port-rig.ts';
import type { GitPort } from '../port.ts';
import type { GitEvent } from './git-session.ts';
import { openPrivateClone, type PrivateCloneOptions } from './private-clone.ts';

const MAIN = 'refs/heads/main';

describe('what is in a clone', () => {
  test('is no trace of the remote: a missing blob is never fetched behind the back', async () => {
    await using bench = await open(fileRemote());
    const [author, port] = [bench.clone('author'), bench.clone('worker')];
    const [tip] = (await pushHistory(author, ['text'])) as [string];
    await port.fetch();
    const blob = await author.writeBlob('text');
    await bench.remote.goAway();
    expect(await port.read(blob)).toBeNull();
    await bench.remote.comeBack();
    expect(await port.read(blob)).toBeNull();
    expect(await port.isAncestor(tip, tip)).toBe(true);
    expect(await readFile(join(bench.dir('worker'), 'config'), 'utf8')).not.toMatch(/remote|promisor|partial|filter/i);
    expect(await readdir(bench.dir('worker'))).not.toContain('FETCH_HEAD');
  });

  test('is what was small and new since the last look: a first look and a large file bring no blobs', async () => {
    await using bench = await open(fileRemote());
    const [author, port] = [bench.clone('author'), bench.clone('worker')];
    const [tip] = (await pushHistory(author, ['old'])) as [string];
    await port.fetch();
    const large = 'x'.repeat(20_000);
    const to = await writeTasksCommit(author, { 'a.md': 'old', 'b.md': 'new', 'c.md': large }, [tip]);
    await author.push([{ ref: MAIN, to, expect: tip }]);
    await port.fetch();
    const here = async (text: string) => (await port.read(await author.writeBlob(text))) !== null;
    expect([await here('old'), await here('new'), await here(large)]).toEqual([false, true, false]);
  });

  test('is everything, blobs too, from a remote that cannot leave any out', async () => {
    await using bench = await open(fileRemote({ allowFilter: false }));
    const [author, port] = [bench.clone('author'), bench.clone('worker')];
    await pushHistory(author, ['old', 'new']);
    await port.fetch();
    expect((await port.read(await author.writeBlob('new')))?.content.toString()).toBe('new');
  });

  test('has the hash of the remote', async () => {
    await using bench = await open(fileRemote({ objectFormat: 'sha256' }));
    const first = await bench.remote.repository.git(
      'commit-tree',
      '-m',
      'first',
      (await bench.remote.repository.git('hash-object', '-t', 'tree', '-w', '/dev/null')).trim(),
    );
    await bench.remote.repository.git('update-ref', MAIN, first.trim());
    const port = bench.clone('worker');
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await port.refs()).toMatchObject([{ name: MAIN, oid: first.trim() }]);
    const to = await writeRecordCommit(port, 'a record', [first.trim()]);
    expect(to).toHaveLength(64);
    expect(await port.push([{ ref: MAIN, to, expect: first.trim() }])).toMatchObject({ ok: true });
  });

  test.skipIf(whyNoSshRemote() !== null && process.env.CI !== 'true')(
    'is every blob from a server of the old protocol, which would not hand over a single one later',
    async () => {
      await using bench = await open(sshRemote({ oldProtocol: true }));
      const [author, port] = [bench.clone('author'), bench.clone('worker')];
      const tip = (await pushHistory(author, ['old', 'new'])).at(-1) as string;
      await port.fetch();
      const blob = await author.writeBlob('new');
      expect(await port.read(blob)).toBeNull();
      expect(await port.fetchBlobs([blob])).toEqual({ ok: true });
      expect((await port.read(blob))?.content.toString()).toBe('new');
      // From here on nothing is left out, and what nobody has costs no further clone.
      const next = await writeTasksCommit(author, { 'a.md': 'newer' }, [tip]);
      await author.push([{ ref: MAIN, to: next, expect: tip }]);
      await port.fetch();
      expect((await port.read(await author.writeBlob('newer')))?.content.toString()).toBe('newer');
      expect(await port.fetchBlobs(['1'.repeat(40)])).toEqual({ ok: true });
      expect(remakes(bench.events)).toHaveLength(1);
    },
  );

  test('stays tidy however often it fetches', async () => {
    await using bench = await open(pathRemote());
    const [author, port] = [bench.clone('author'), bench.clone('worker')];
    let tip: string | null = null;
    for (let index = 0; index < 70; index += 1) {
      const to: string = await writeTasksCommit(author, { 'a.md': `${index}` }, tip === null ? [] : [tip]);
      await author.push([{ ref: MAIN, to, expect: tip }]);
      tip = to;
      expect(await port.fetch()).toEqual({ ok: true });
    }
    const packs = (await readdir(join(bench.dir('worker'), 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(30);
    expect(await port.isAncestor((await author.refs())[0]?.oid ?? (tip as string), tip as string)).toBe(true);
    const next = await writeTasksCommit(port, { 'b.md': 'b' }, [tip as string]);
    expect(await port.push([{ ref: MAIN, to: next, expect: tip }])).toMatchObject({ ok: true });
    expect(remakes(bench.events)).toEqual([]);
  });

  test('is shared by two processes', async () => {
    await using bench = await open(pathRemote());
    const [first, second] = [bench.clone('shared'), bench.clone('shared')];
    const written = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? first : second).writeBlob(`${index}`)),
    );
    for (const oid of written) expect(await first.read(oid)).not.toBeNull();
    const [tip] = (await pushHistory(first, ['text'])) as [string];
    await second.fetch();
    expect(await first.remake('a test')).toEqual({ ok: true });
    expect(await second.refs()).toMatchObject([{ name: MAIN, oid: tip }]);
    expect((await second.read(tip))?.type).toBe('commit');
  });
});

describe('a clone that two processes use', () => {
  test('is made anew once where both find something missing, and both are up to date then', async () => {
    await using bench = await open(pathRemote());
    const author = bench.clone('author');
    const [tip] = (await pushHistory(author, ['1'])) as [string];
    const [first, second] = [bench.clone('shared'), bench.clone('shared')];
    for (const port of [first, second]) await port.fetch();
    expect(await first.remake('a test')).toEqual({ ok: true });
    await author.fetch();
    const next = await writeTasksCommit(author, { 'a.md': '2' }, [tip]);
    await author.push([{ ref: MAIN, to: next, expect: tip }]);
    expect(await second.remake('the same')).toEqual({ ok: true });
    expect(await second.refs()).toMatchObject([{ name: MAIN, oid: next }]);
    expect(remakes(bench.events)).toHaveLength(1);
    expect(await second.remake('something else')).toEqual({ ok: true });
    expect(remakes(bench.events)).toHaveLength(2);
  });
});

describe('a person whose own git is set up differently', () => {
  test('changes nothing about a clone: no hooks, signatures, tags or other refs', async () => {
    await using bench = await open(pathRemote());
    const settings = {
      'core.hooksPath': join(bench.folder, 'hooks'),
      'push.gpgSign': 'true',
      'commit.gpgSign': 'true',
      'push.followTags': 'true',
      'push.pushOption': 'ci.skip',
      'push.default': 'nothing',
      'fetch.prune': 'false',
      'fetch.pruneTags': 'true',
      'fetch.fsckObjects': 'true',
      'fetch.writeCommitGraph': 'true',
      'fetch.negotiationAlgorithm': 'skipping',
      'fetch.unpackLimit': '1',
      'protocol.version': '0',
      'core.logAllRefUpdates': 'always',
      'color.ui': 'always',
      'core.quotePath': 'false',
      'init.defaultBranch': 'trunk',
      'init.templateDir': join(bench.folder, 'template'),
      'i18n.commitEncoding': 'ISO-8859-1',
      'user.useConfigOnly': 'true',
    };
    const pairs = Object.entries(settings).flatMap(([key, value], index): [string, string][] => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]);
    const env = {
      ...bench.remote.env,
      ...Object.fromEntries(pairs),
      GIT_CONFIG_COUNT: String(pairs.length / 2),
      GIT_DIR: '/nowhere',
    };
    const port = bench.clone('worker', { env });
    const [tip] = (await pushHistory(port, ['text'])) as [string];
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await port.refs()).toMatchObject([{ name: MAIN, oid: tip }]);
    expect(await port.push([{ ref: MAIN, to: await writeRecordCommit(port, 'x'), expect: null }])).toMatchObject({ ok: false });
    expect([...(await bench.remote.repository.refs()).keys()]).toEqual([MAIN]);
    expect(await readdir(bench.dir('worker'))).not.toContain('logs');
  });

  test('has commits in the name that it was given, at the time of the clock that it was given', async () => {
    await using bench = await open(pathRemote());
    const port = bench.clone('worker', { identity: { name: 'pi <worker>', email: 'pi@host' }, now: () => 1_700_000_000_999 });
    const oid = await writeRecordCommit(port, 'subject');
    const text = (await port.read(oid))?.content.toString();
    expect(text).toContain(
      'author pi worker <pi@host> 1700000000 +0000\ncommitter pi worker <pi@host> 1700000000 +0000\n\nsubject\n',
    );
  });
});

describe('a remote in trouble', () => {
  test.each([
    [503, 'transient'],
    [403, 'refused'],
    [404, 'refused'],
  ] as const)('that answers %i is %s, and the password stays out of the message', async (status, kind) => {
    await using bench = await open(httpRemote());
    const port = bench.clone('worker');
    bench.remote.answerWith(status);
    const outcome = await port.fetch();
    expect(outcome).toMatchObject({ ok: false, cause: { kind, message: expect.stringMatching(/./) } });
    expect(JSON.stringify([outcome, bench.events])).not.toContain(bench.remote.password);
    bench.remote.answerWith(null);
    expect(await port.fetch()).toEqual({ ok: true });
  });

  test('that wants another password refuses, and nobody is asked for one', async () => {
    await using bench = await open(httpRemote());
    const port = bench.clone('worker', { remote: bench.remote.url.replace(bench.remote.password, 'wrong') });
    expect(await port.fetch()).toMatchObject({ ok: false, cause: { kind: 'refused' } });
    const nobody = bench.clone('nobody', { remote: bench.remote.url.replace(/worker:[^@]*@/, '') });
    expect(await nobody.fetch()).toMatchObject({ ok: false, cause: { kind: 'refused' } });
  });

  test('that accepts and never answers is given up after the wall time', async () => {
    await using bench = await open(pathRemote());
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket));
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    const clone = bench.clone('worker', { remote: `http://127.0.0.1:${port}/q.git`, timeouts: { fetchMs: 700, pushMs: 700 } });
    expect(await clone.fetch()).toMatchObject({
      ok: false,
      cause: { kind: 'unreachable', message: expect.stringContaining('no answer within 1 s') },
    });
    const oid = await writeRecordCommit(clone, 'x');
    const pushed = await clone.push([{ ref: 'refs/errand/tasks/a', to: oid, expect: null }]);
    expect(pushed).toMatchObject({ ok: false, cause: { kind: 'unreachable' } });
    expect([...pushed.refs.values()]).toEqual([{ state: 'unknown' }]);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('that lets another update in between lease and update costs the race, no more', async () => {
    await using bench = await open(pathRemote());
    const port = bench.clone('worker');
    const [mine, theirs] = [await writeRecordCommit(port, 'mine'), await writeRecordCommit(port, 'theirs')];
    await port.push([{ ref: 'refs/errand/tasks/b', to: theirs, expect: null }]);
    for (const atomic of [true, false]) {
      const ref = `refs/errand/tasks/a-${atomic}`;
      await bench.remote.repository.overtakeNextPush(ref, theirs);
      const outcome = await port.push([{ ref, to: mine, expect: null }], { atomic });
      expect(outcome.refs.get(ref)?.state).toBe('rejected');
      expect(await bench.remote.repository.resolve(ref)).toBe(theirs);
    }
  });

  test('that refuses words in a file declines the push', async () => {
    await using bench = await open(pathRemote());
    const port = bench.clone('worker');
    await bench.remote.repository.refuseContent('AKIA-SECRET');
    const to = await writeTasksCommit(port, { 'a.md': 'the key is AKIA-SECRET\n' });
    const outcome = await port.push([{ ref: MAIN, to, expect: null }]);
    expect(outcome.refs.get(MAIN)).toEqual({ state: 'declined', reason: 'hook declined' });
    const clean = await writeTasksCommit(port, { 'a.md': 'withheld\n' });
    expect(await port.push([{ ref: MAIN, to: clean, expect: null }])).toMatchObject({ ok: true });
  });
});

describe('a folder that cannot be written', () => {
  test('is a failed fetch that names it, and no refusal of the remote', async () => {
    await using bench = await open(pathRemote());
    await writeFile(join(bench.folder, 'file'), '');
    const port = openPrivateClone({
      dir: join(bench.folder, 'file', 'clone.git'),
      remote: bench.remote.url,
      branch: 'main',
      env: bench.remote.env,
    });
    expect(await port.fetch()).toMatchObject({
      ok: false,
      cause: { kind: 'transient', message: expect.stringContaining('file/clone.git') },
    });
    expect(await port.refs()).toEqual([]);
    await expect(port.writeBlob('x')).rejects.toThrow('cannot make the clone');
    await port.close();
  });
});

function remakes(events: readonly GitEvent[]): GitEvent[] {
  return events.filter(({ type }) => type === 'clone re-made');
}

async function open<R extends TestRemote>(making: Promise<R>) {
  const remote = await making;
  const temporary = temporaryDirectory();
  const opened: GitPort[] = [];
  const events: GitEvent[] = [];
  const dir = (name: string): string => join(temporary.path, name, 'clone.git');
  return {
    remote,
    folder: temporary.path,
    events,
    dir,
    clone: (name: string, options: Partial<PrivateCloneOptions> = {}): GitPort => {
      const port = openPrivateClone({
        dir: dir(name),
        remote: remote.url,
        branch: 'main',
        env: remote.env,
        onEvent: (event) => events.push(event),
        ...options,
      });
      opened.push(port);
      return port;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((port) => port.close()));
      await remote[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}
