import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadMachineConfig } from './load-machine-config.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'errand-config-'));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

async function write(path: string, text: string): Promise<string> {
  const full = join(home, path);
  await mkdir(join(full, '..'), { recursive: true });
  await writeFile(full, text);
  return full;
}

const load = (env: NodeJS.ProcessEnv = {}, queue?: string) =>
  loadMachineConfig(
    { HOME: home, ...env },
    { ...(queue === undefined ? {} : { queue }), host: { cwd: '/where', uid: 1, hostname: 'pi' } },
  );

describe('finding the file', () => {
  it('looks in the home', async () => {
    const path = await write('.config/errand/config.yaml', 'slots: 2');
    expect(await load()).toMatchObject({ ok: true, value: { path, slots: 2 } });
  });

  it('looks where XDG says first, unless that is relative', async () => {
    await write('.config/errand/config.yaml', 'slots: 2');
    const path = await write('xdg/errand/config.yaml', 'slots: 3');
    expect(await load({ XDG_CONFIG_HOME: join(home, 'xdg') })).toMatchObject({ value: { path, slots: 3 } });
    expect(await load({ XDG_CONFIG_HOME: 'xdg' })).toMatchObject({ value: { slots: 2 } });
  });

  it('takes the one that ERRAND_CONFIG names before all others', async () => {
    await write('.config/errand/config.yaml', 'slots: 2');
    const path = await write('other.json', '{"slots": 4}');
    expect(await load({ ERRAND_CONFIG: '~/other.json' })).toMatchObject({ value: { path, slots: 4 } });
  });

  it('is no failure where there is none', async () => {
    expect(await load()).toEqual({ ok: true, value: null, warnings: [] });
  });

  it('is a failure where ERRAND_CONFIG names one that is not there', async () => {
    const path = join(home, 'gone.yaml');
    expect(await load({ ERRAND_CONFIG: path })).toMatchObject({ ok: false, problems: [{ path, code: 'config-not-found' }] });
  });

  it('is a failure where the file is a folder', async () => {
    await mkdir(join(home, '.config/errand/config.yaml'), { recursive: true });
    expect(await load()).toMatchObject({ ok: false, problems: [{ code: 'config-unreadable' }] });
  });
});

describe('naming the queue from outside', () => {
  it('puts --queue above ERRAND_QUEUE and that above the file', async () => {
    await write('.config/errand/config.yaml', 'queue: /from/file');
    expect(await load()).toMatchObject({ value: { queue: '/from/file' } });
    expect(await load({ ERRAND_QUEUE: '/from/env' })).toMatchObject({ value: { queue: '/from/env' } });
    expect(await load({ ERRAND_QUEUE: '/from/env' }, '/from/line')).toMatchObject({ value: { queue: '/from/line' } });
  });

  it('resolves a path against the current folder and leaves a URL', async () => {
    expect(await load({}, '../q.git')).toMatchObject({ value: { queue: '/q.git' } });
    expect(await load({ ERRAND_QUEUE: '~/q.git' })).toMatchObject({ value: { queue: join(home, 'q.git') } });
    expect(await load({}, 'me@host:q.git')).toMatchObject({ value: { queue: 'me@host:q.git' } });
  });

  it('needs no file: everything else has its default', async () => {
    expect(await load({}, '/q.git')).toMatchObject({
      ok: true,
      value: { path: null, queue: '/q.git', machine: 'pi', policy: { agents: [] } },
    });
  });

  it('treats an empty ERRAND_QUEUE as unset and an empty --queue as a mistake', async () => {
    expect(await load({ ERRAND_QUEUE: '' })).toMatchObject({ ok: true, value: null });
    expect(await load({}, '')).toMatchObject({ ok: false, problems: [{ path: '--queue', code: 'empty-value' }] });
  });

  it('refuses what it would refuse in the file, and says where it came from', async () => {
    expect(await load({}, '--upload-pack=x')).toMatchObject({
      ok: false,
      problems: [{ path: '--queue', code: 'option-like-remote' }],
    });
    expect(await load({ ERRAND_QUEUE: 'ext::id' })).toMatchObject({
      ok: false,
      problems: [{ path: 'ERRAND_QUEUE', code: 'unsafe-transport' }],
    });
    expect((await load({}, 'https://me:hunter2@host.example/q')).warnings).toMatchObject([
      { path: '--queue', code: 'password-in-url' },
    ]);
  });

  it('does not excuse a file that is wrong', async () => {
    await write('.config/errand/config.yaml', 'slotz: 2');
    expect(await load({}, 'ext::id')).toMatchObject({
      ok: false,
      problems: [{ code: 'unknown-key' }, { code: 'unsafe-transport' }],
    });
  });
});

describe('files of secrets', () => {
  it('that every user can read are a warning at the key that names them', async () => {
    const token = await write('token', 'secret');
    const file = 'agents:\n  claude:\n    env:\n      TOKEN: { file: ~/token }\n      GONE: { file: ~/gone }\n';
    await write('.config/errand/config.yaml', file);
    await chmod(token, 0o644);
    expect(await load()).toMatchObject({ ok: true, warnings: [{ code: 'secret-readable-by-all', line: 4, column: 22 }] });
    await chmod(token, 0o640);
    expect(await load()).toMatchObject({ ok: true, warnings: [] });
  });
});
