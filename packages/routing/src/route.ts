import type { Tier } from '@errand/task';
import { inferTier, MODEL_NAMED, readTier } from './model.ts';
import { scoreText } from './score.ts';
import type { Reason, Route, RouteOptions, Thresholds } from './types.ts';

/** Scores from which a text goes to sonnet and to opus, unless the configuration says otherwise. */
export const DEFAULT_THRESHOLDS: Thresholds = { sonnet: 2, opus: 5.5 };

/** Chooses the tier and the model for a task's text. Pure; never throws; linear in the length of the text. */
export function route(text: string, options: RouteOptions = {}): Route {
  const model = options.model?.trim() || 'auto';
  const nameOf = (tier: Tier): string => options.tiers?.[tier] ?? tier;

  const named = readTier(model);
  if (named !== null) {
    return {
      tier: named,
      model: nameOf(named),
      score: 0,
      reasons: [{ feature: `${MODEL_NAMED}${named}`, weight: 0 }],
      source: 'model',
    };
  }
  const exact = model.toLowerCase() === 'auto' ? null : model;
  const family = exact === null ? null : inferTier(exact);
  if (exact !== null && family !== null) {
    return { tier: family, model: exact, score: 0, reasons: [{ feature: `${MODEL_NAMED}${exact}`, weight: 0 }], source: 'model' };
  }

  const reasons = scoreText(text, options.config?.words ?? {});
  const score = sumWeights(reasons);
  const tier = chooseTier(score, { ...DEFAULT_THRESHOLDS, ...options.config?.thresholds });
  return exact === null
    ? { tier, model: nameOf(tier), score, reasons, source: 'text' }
    : { tier, model: exact, score, reasons, source: 'model' };
}

function chooseTier(score: number, thresholds: Thresholds): Tier {
  if (score >= thresholds.opus) return 'opus';
  return score >= thresholds.sonnet ? 'sonnet' : 'haiku';
}

function sumWeights(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { weight }) => sum + weight, 0);
}
