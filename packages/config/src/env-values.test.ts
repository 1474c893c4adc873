import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveEnvValues } from './env-values.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'errand-env-'));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

describe('resolveEnvValues', () => {
  it('gives text as it is and files without the newline at their end', async () => {
    await writeFile(join(home, 'token'), ' s3cret \r\n');
    await writeFile(join(home, 'lines'), 'a\nb\n\n');
    const values = { TEXT: ' kept\n', TOKEN: { file: '~/token' }, LINES: { file: join(home, 'lines') } };
    expect(await resolveEnvValues(values, home)).toEqual({
      ok: true,
      env: { TEXT: ' kept\n', TOKEN: ' s3cret ', LINES: 'a\nb' },
    });
  });

  it('names every file that it cannot use, and no content', async () => {
    await writeFile(join(home, 'good'), 's3cret');
    await writeFile(join(home, 'empty'), '\n');
    await writeFile(join(home, 'binary'), 's3cret\0');
    await mkdir(join(home, 'folder'));
    const names = ['good', 'gone', 'empty', 'binary', 'folder'];
    const values = Object.fromEntries(names.map((name) => [name.toUpperCase(), { file: `~/${name}` }]));
    const resolved = await resolveEnvValues(values, home);
    expect(resolved).toEqual({
      ok: false,
      causes: [
        `GONE: cannot read ${join(home, 'gone')}: there is no such file`,
        `EMPTY: cannot read ${join(home, 'empty')}: it is empty`,
        `BINARY: cannot read ${join(home, 'binary')}: it holds a NUL byte`,
        `FOLDER: cannot read ${join(home, 'folder')}: it is a folder`,
      ],
    });
    expect(JSON.stringify(resolved)).not.toContain('s3cret');
  });
});
