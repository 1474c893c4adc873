import { readFile } from 'node:fs/promises';
import { type Found, listInside } from './list-inside.ts';

/** The memory of a session, as it lies on the disk. */
export interface SessionFile {
  session: string;
  /** Id of its task. */
  id: string;
  found: Found;
}

const LARGEST_BYTES = 2 ** 20;

/** The sessions that `Sessions` has written into a folder; what else is there is none of ours. Never rejects. */
export async function listSessions(folder: string): Promise<SessionFile[]> {
  const sessions: SessionFile[] = [];
  for (const found of await listInside(folder)) {
    if (found.isFolder || !found.name.endsWith('.json') || found.bytes > LARGEST_BYTES) continue;
    const id = readId(await readFile(found.path, 'utf8').catch(() => ''), found.name.slice(0, -'.json'.length));
    if (id !== null) sessions.push({ session: found.name.slice(0, -'.json'.length), id, found });
  }
  return sessions;
}

function readId(text: string, named: string): string | null {
  try {
    const { id, session } = JSON.parse(text) as { id?: unknown; session?: unknown };
    return typeof id === 'string' && session === named ? id : null;
  } catch {
    return null;
  }
}
