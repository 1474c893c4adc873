import { createHash } from 'node:crypto';

/** Every coordination ref lives under this prefix. */
export const COORDINATION = 'refs/errand/';

export const branchRef = (branch: string): string => `refs/heads/${branch}`;
export const taskRef = (id: string): string => `${COORDINATION}tasks/${id}`;
export const workerRef = (machine: string): string => `${COORDINATION}workers/${machine}`;
export const keyRef = (hash: string): string => `${COORDINATION}keys/${hash}`;

/** Concurrency keys are free text; a ref name is not. */
export function keyHash(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 40);
}

/** What a coordination ref is about, or null for one of a kind that this version does not know. */
export function parseRef(ref: string): { kind: 'tasks' | 'workers' | 'keys'; name: string } | null {
  if (!ref.startsWith(COORDINATION)) return null;
  const [kind, name, ...rest] = ref.slice(COORDINATION.length).split('/');
  if (name === undefined || name === '' || rest.length > 0) return null;
  return kind === 'tasks' || kind === 'workers' || kind === 'keys' ? { kind, name } : null;
}
