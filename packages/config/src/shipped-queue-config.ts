import { readFile } from 'node:fs/promises';

/** From this file, built or not: the queue's file as Errand ships it. */
const SHIPPED = new URL('../../../config/errand.yaml', import.meta.url);

/** The text of `config/errand.yaml` for a new queue: every key, explained and commented out. */
export async function readShippedQueueConfig(): Promise<string> {
  return await readFile(SHIPPED, 'utf8');
}
