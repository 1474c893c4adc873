import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKER_MEMORY } from '@errand/queue';
import { describeHost, describeHostOf, findInstalledScope, findSystemUser } from '@errand/service';
import type { CheckContext } from './check.ts';

/** What tells as whom the worker of this machine runs: numbers of users, null where it tells nothing. */
export interface WorkerTraces {
  /** Whom the service of the machine names. */
  service: number | null;
  /** Who wrote down what a worker remembers: the one that ran here last. */
  memory: number | null;
  /** Who called sudo to look. */
  caller: number | null;
  /** Who looks. */
  self: number | null;
}

/** Whoever looks need not be whom it is about: root looks at what others run. */
export function chooseWorkerUser({ service, memory, caller, self }: WorkerTraces): number | null {
  return service ?? memory ?? caller ?? self;
}

export async function findWorkerTraces({ env, queueDir }: Pick<CheckContext, 'env' | 'queueDir'>): Promise<WorkerTraces> {
  const host = describeHost(env);
  // A service of this user's own has the rights of whoever wrote its memory; the file names nobody.
  const named = (await findInstalledScope(host)) === 'system' ? await findSystemUser(host) : null;
  const served = named === null ? null : await describeHostOf(named, host);
  const memory = queueDir === null ? null : await stat(join(queueDir, WORKER_MEMORY)).catch(() => null);
  const self = process.getuid?.() ?? null;
  const caller = self === 0 && /^\d+$/.test(env.SUDO_UID ?? '') ? Number(env.SUDO_UID) : null;
  return { service: served?.userUid ?? null, memory: memory?.uid ?? null, caller, self };
}
