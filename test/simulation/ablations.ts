/** One edit of a source file: a text that must stand in it exactly once, and what stands there instead. */
export interface Edit {
  file: string;
  take: string;
  put: string;
}

/**
 * What can be taken out of the protocol, as edits of its source while it is bundled: the code that people run knows nothing of it, and no
 * ablation can come to take out nothing.
 */
export const ABLATIONS = {
  'content-check': [
    { file: 'packages/queue/src/fold.ts', take: 'if (view.results.has(id)) {', put: 'if (false) {' },
    { file: 'packages/worker/src/duties/keeper.ts', take: 'if (!mine || view.results.has(held.id)) {', put: 'if (!mine) {' },
  ],
  verify: [
    {
      file: 'packages/worker/src/duties/keeper.ts',
      take: "const why = claiming ? this.#whyNot(view, held, work) : 'the worker is stopping';",
      put: 'const why = null;',
    },
  ],
  // A claim is told from others of its task by its number alone.
  nonce: [
    {
      file: 'packages/worker/src/duties/claimer.ts',
      take: 'const nonce = newNonce();',
      put: "newNonce(); const nonce = [planned.id, planned.attempt].join('-');",
    },
  ],
  // A claim takes no key, and the next one finds it free.
  key: [{ file: 'packages/queue/src/claim.ts', take: 'if (keyName !== undefined) {', put: 'if (false) {' }],
  // Of a claim and its key, each may be taken without the other.
  together: [
    {
      file: 'packages/worker/src/duties/claimer.ts',
      take: 'const atomic = batch.some(({ claim }) => claim.record.key !== undefined);',
      put: 'const atomic = false;',
    },
  ],
  tombstone: [{ file: 'packages/queue/src/rescue.ts', take: 'if (rescue.tombstone) {', put: 'if (false) {' }],
  listing: [
    {
      file: 'packages/worker/src/duties/keeper.ts',
      take: 'if (beat?.boot !== this.#worker.boot || !beat.runs.some(({ nonce }) => nonce === held.nonce))',
      put: 'if (false)',
    },
  ],
  'push-budget': [
    {
      file: 'packages/worker/src/worker.ts',
      take: 'return !this.#stopAsked && this.#context.budget.isSpent;',
      put: 'return false;',
    },
  ],
} satisfies { [name: string]: Edit[] };

export type Ablation = keyof typeof ABLATIONS;

export function isAblation(name: string): name is Ablation {
  return Object.hasOwn(ABLATIONS, name);
}

/** The text of a source file without what is to be taken out. Throws where that is not there exactly once. */
export function ablate(path: string, text: string, without: readonly Ablation[]): string {
  let left = text;
  for (const { file, take, put } of without.flatMap((name): Edit[] => ABLATIONS[name])) {
    if (!path.endsWith(`/${file}`)) continue;
    if (left.split(take).length !== 2) throw new Error(`${file} has not exactly one ${JSON.stringify(take)}`);
    left = left.replace(take, () => put);
  }
  return left;
}
