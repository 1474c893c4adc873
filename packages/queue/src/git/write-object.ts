import { randomBytes } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { GitObject } from '../port.ts';
import { encodeObject, hashObject, type ObjectFormat } from './encode-object.ts';

const deflated = promisify(deflate);

/**
 * Writes a loose object the way git does, and returns its oid. An object that is there is left as it is.
 * Not synced to disk: the clone is disposable, and a half-written file is one more damage that re-makes it.
 */
export async function writeLooseObject(
  gitDir: string,
  format: ObjectFormat,
  type: GitObject['type'],
  content: Uint8Array,
): Promise<string> {
  const encoded = encodeObject(type, content);
  const oid = hashObject(encoded, format);
  const folder = join(gitDir, 'objects', oid.slice(0, 2));
  const file = join(folder, oid.slice(2));
  if (await hasContent(file)) return oid;
  const bytes = await deflated(encoded, { level: 1 });
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `tmp_obj_${randomBytes(6).toString('hex')}`); // git's own sweep knows this prefix
  await writeFile(temporary, bytes, { mode: 0o444, flag: 'wx' });
  await rename(temporary, file);
  return oid;
}

async function hasContent(file: string): Promise<boolean> {
  try {
    return (await stat(file)).size > 0;
  } catch {
    return false;
  }
}
