import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Result, renderResult } from '@errand/task';

/** Keeps a result on this machine that may not be recorded, in the folder of its queue; gives the path. Rejects what the disk says. */
export async function keepResult(queueDir: string, result: Result): Promise<string> {
  const folder = join(queueDir, 'kept');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Both may come from another's file: only names may reach the path.
  const path = join(folder, `${plainName(result.id)}.${plainName(result.nonce)}.md`);
  await writeFile(path, renderResult(result), { mode: 0o600 });
  return path;
}

function plainName(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, '_').slice(0, 80);
}
