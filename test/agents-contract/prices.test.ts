import { createClaudeAgent } from '@errand/agents';
import { CLAUDE_VERSIONS, type ClaudeVersion, say, whyNoClaude } from '@errand/testing';
import { describe, test } from 'vitest';
import { estimateCost } from '../../packages/agents/src/claude/prices.ts';
import { contractPlace } from './place.ts';
import { runProcess } from './run-process.ts';

const missing = whyNoClaude();
const MIXED = { input: 1000, output: 500, cacheRead: 3000, cacheWrite: 2000 };

/** The older version reckons with older prices where prices have changed since: those models are not asked there. */
const MODELS: { readonly [version in ClaudeVersion]: readonly string[] } = {
  '2.1.328': ['haiku', 'sonnet', 'opus', 'fable', 'claude-sonnet-5', 'claude-opus-4-8', 'a-model-of-tomorrow'],
  '2.1.197': ['haiku', 'opus', 'fable', 'claude-sonnet-4-5'],
};

const CASES = CLAUDE_VERSIONS.flatMap((version) => [
  ...MODELS[version].map((model) => ({ version, model, usage: MIXED })),
  ...(version === '2.1.328'
    ? [100_000, 100_001].map((input) => ({ version, model: 'haiku', usage: { ...MIXED, input: input - 5000 } }))
    : []),
]);

describe.skipIf(missing !== null)(`List prices ${missing ?? ''}`, () => {
  test.concurrent.for(CASES)(
    'are those that Claude Code $version reckons with for $model ($usage.input tokens)',
    { timeout: 180_000 },
    async ({ version, model, usage }, { expect }) => {
      await using place = await contractPlace(version);
      place.api.script([say('Said.', { usage })]);
      const run = createClaudeAgent(place.config).begin({ ...place.request, model });
      const { ended } = runProcess(run, place);
      const { entry } = run.judge(await ended);
      const { input, output, cacheRead, cacheWrite } = usage;
      expect(entry?.tokens).toEqual({ input, output, cache_read: cacheRead, cache_write: cacheWrite });
      expect(estimateCost(entry?.model ?? '', { input, output, cache_read: cacheRead, cache_write: cacheWrite })).toBeCloseTo(
        entry?.cost_usd ?? 0,
        5,
      );
    },
  );
});
