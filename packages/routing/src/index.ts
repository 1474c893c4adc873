export { explainRoute } from './explain.ts';
export { DEFAULT_THRESHOLDS, route } from './route.ts';
export type { Reason, Route, RouteOptions, Thresholds, WordWeights } from './types.ts';
