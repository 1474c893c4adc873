import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram } from './find-program.ts';
import { makeFolder } from './rig/test-rig.ts';

test('a program is found as exec would find it, and the reason says why not', async () => {
  const folder = await makeFolder();
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  await mkdir(join(first, 'folder'), { recursive: true });
  await mkdir(second);
  await writeFile(join(first, 'tool'), '');
  await writeFile(join(first, 'plain'), '');
  await writeFile(join(second, 'tool'), '');
  await chmod(join(second, 'tool'), 0o755);
  const path = `${first}:${second}`;

  expect(findProgram('tool', path, '/')).toEqual({ ok: true, path: join(second, 'tool') });
  expect(findProgram('./tool', path, second)).toEqual({ ok: true, path: join(second, 'tool') });
  expect(findProgram(join(second, 'tool'), '', '/')).toEqual({ ok: true, path: join(second, 'tool') });
  expect(findProgram('plain', path, '/')).toEqual({ ok: false, reason: 'plain: not executable' });
  expect(findProgram('folder', path, '/')).toEqual({ ok: false, reason: 'folder: not found in PATH' });
  expect(findProgram('./none', path, second)).toEqual({ ok: false, reason: './none: no such file' });
});
