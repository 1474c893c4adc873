export { explainRoute } from './explain.ts';
export { route } from './route.ts';
export type { Reason, Route, RouteOptions, Thresholds, WordWeights } from './types.ts';
