import { type Heartbeat, type KeyHold, type Record, renderBody } from '@errand/task';
import type { GitPort, TreeEntry } from './port.ts';

/** Writes the commit of a record into the clone; its parent is the record before it, so that `git log <ref>` tells the story. */
export async function writeRecord(
  port: GitPort,
  subject: string,
  record: Record,
  parent: string | null,
  files: readonly TreeEntry[] = [],
): Promise<string> {
  const tree = await port.writeTree(files);
  return port.writeCommit({ tree, parents: parent === null ? [] : [parent], message: renderBody(subject, record) });
}

/** Writes the commit of a heartbeat or a key. It has no parent: nobody wants their story. */
export async function writeLoose(port: GitPort, subject: string, body: Heartbeat | KeyHold): Promise<string> {
  return port.writeCommit({ tree: await port.writeTree([]), parents: [], message: renderBody(subject, body) });
}
