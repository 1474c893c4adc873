import type { AttemptEntry, Tokens } from '@errand/task';
import type { SessionRequest } from '../agent.ts';
import type { Heard } from './heard.ts';
import { asAmount, asCount, asNumber, asObject, asText, type Json } from './json.ts';
import { addTokens, NO_TOKENS, readUsage, roundUsd } from './spending.ts';

/** What a run leaves for the record of its attempt, and the session's cost as the CLI reported it. */
export interface Account {
  entry: Partial<AttemptEntry>;
  reportedUsd?: number;
}

/** From the results where there are any, else estimated from what was heard. */
export function accountFor(heard: Heard, session: SessionRequest): Account {
  const names = { ...sessionOf(heard, session), ...modelOf(heard) };
  const last = heard.results.at(-1);
  if (last === undefined) {
    if (heard.spent.costUsd === 0) return { entry: names };
    return { entry: { ...names, ...figures(heard.spent), cost_estimated: true } };
  }
  const turns = asNumber(last.num_turns) === null ? null : asCount(last.num_turns);
  return {
    entry: { ...names, ...figures(ownSpending(heard, session)), ...(turns === null ? {} : { turns }) },
    reportedUsd: roundUsd(asAmount(last.total_cost_usd)),
  };
}

/** A session that the CLI never began, or does not know, is nothing to go on with. */
function sessionOf({ started }: Heard, session: SessionRequest): Partial<AttemptEntry> {
  return started === null ? {} : { session: started.session ?? session.id };
}

function modelOf({ model, started }: Heard): Partial<AttemptEntry> {
  const used = model ?? started?.model ?? null;
  return used === null ? {} : { model: used };
}

function figures({ costUsd, tokens }: Spending): Partial<AttemptEntry> {
  const some = Object.values(tokens).some((count) => count > 0);
  return { cost_usd: roundUsd(costUsd), ...(some ? { tokens } : {}) };
}

interface Spending {
  costUsd: number;
  tokens: Tokens;
}

/**
 * This run's own. `total_cost_usd` and `modelUsage` of a resumed session are cumulative in 2.1.328, which also says what each
 * result adds, and of the run alone in 2.1.197. A version that does not say is taken at the word that fits what was heard.
 */
function ownSpending({ results, spent }: Heard, session: SessionRequest): Spending {
  const added = results.map((result) => asObject(result.model_usage_since_last_result));
  if (added.every((usage) => usage !== null)) return added.map(sumModels).reduce(addSpending, { costUsd: 0, tokens: NO_TOKENS });
  const last = results.at(-1) ?? {};
  const total = asAmount(last.total_cost_usd);
  const before = session.kind === 'resumed' ? session.reportedUsd : null;
  const cumulative =
    before !== null && total >= before && Math.abs(total - before - spent.costUsd) < Math.abs(total - spent.costUsd);
  if (cumulative) return { costUsd: total - before, tokens: readUsage(asObject(last.usage) ?? {}) };
  return { costUsd: total, tokens: sumModels(asObject(last.modelUsage) ?? {}).tokens };
}

function addSpending(one: Spending, other: Spending): Spending {
  return { costUsd: one.costUsd + other.costUsd, tokens: addTokens(one.tokens, other.tokens) };
}

/** The usage of several models, by their ids. */
function sumModels(models: Json): Spending {
  return Object.values(models)
    .map(asObject)
    .filter((usage) => usage !== null)
    .map((usage) => ({
      costUsd: asAmount(usage.costUSD),
      tokens: {
        input: asCount(usage.inputTokens),
        output: asCount(usage.outputTokens),
        cache_read: asCount(usage.cacheReadInputTokens),
        cache_write: asCount(usage.cacheCreationInputTokens),
      },
    }))
    .reduce(addSpending, { costUsd: 0, tokens: NO_TOKENS });
}

/** The text of the last result; empty where there is none. */
export function resultText({ results }: Heard): string {
  return (asText(results.at(-1)?.result) ?? '').trim();
}
