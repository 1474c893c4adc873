import { MODEL_NAMED } from './model.ts';
import type { Route } from './types.ts';

/** A route's reasons on one line: `test-suite (+2), fix (+1)`. */
export function explainRoute(route: Route): string {
  if (route.reasons.length === 0) return 'nothing in the text counts';
  return route.reasons
    .map(({ feature, weight }) => (feature.startsWith(MODEL_NAMED) ? feature : `${feature} (${weight < 0 ? '' : '+'}${weight})`))
    .join(', ');
}
