import type { Io } from './command.ts';
import { openQueueAs } from './connect.ts';
import { quoteWords } from './reach/quote-words.ts';
import { remark } from './remark.ts';
import { hidePassword } from './remote-failure.ts';

/**
 * Says of a repository that a machine has joined that it is no queue yet, or that it could not be asked: everything else would seem to
 * work, and no task would ever be seen.
 */
export async function warnOfNoQueue(io: Io, remote: string, as: { branch: string; machine: string }): Promise<void> {
  const { stateDir } = await import('@errand/config');
  const queue = await openQueueAs(io, remote, as, stateDir(io.env));
  try {
    const read = await queue.readView();
    const name = hidePassword(remote);
    if (!read.ok) return remark(io, `warning: whether ${name} is a queue is not known: ${read.cause.message}`);
    const { tip, config, workers, records } = read.view;
    if (config !== null || workers.size > 0 || records.size > 0) return;
    const lacks = tip === null ? `it has no branch ${as.branch}` : `its branch ${as.branch} has no config/errand.yaml`;
    const init = quoteWords(['errand', 'init', name, ...(as.branch === 'main' ? [] : ['--branch', as.branch])]);
    remark(io, `warning: ${name} is no queue yet: ${lacks}. Make it one: ${init}`);
  } finally {
    await queue.close();
  }
}
