export type { Clock } from './clock.ts';
export type { Happening, PulledResult, Remark, WatchEvent } from './events.ts';
export { type Checkout, type OpenFailure, openCheckout, watchLockPath } from './open-checkout.ts';
export type { RemovalDoubt } from './plan/judge-removals.ts';
export type { Engagement } from './survey/survey.ts';
export { type RunOptions, runWatch } from './watch/run-watch.ts';
