import fc from 'fast-check';

/**
 * Properties are tried on the same cases in every run, so that a red run says something about the change at hand.
 * `PROPERTY_SEED=random` (or a number) looks for new ones.
 */
const seed = process.env.PROPERTY_SEED ?? '20261120';
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) });
