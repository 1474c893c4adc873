import type { AgentEnd, AgentProgress } from '@errand/agents';
import { CLAUDE_VERSIONS, whyNoClaude } from '@errand/testing';
import { describe, test } from 'vitest';
import { readFixture, writeFixture } from '../../packages/agents/src/rig/claude/fixture.ts';
import { normalize, replay } from '../../packages/agents/src/rig/claude/replay.ts';
import { contractPlace } from './place.ts';
import { playScenario } from './play.ts';
import { SCENARIO_NAMES, SCENARIOS } from './scenarios.ts';

const missing = whyNoClaude();
/** `ERRAND_RECORD=1` renews the recordings instead: look at what changed in them before they are committed. */
const recording = process.env.ERRAND_RECORD === '1';

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(`Claude Code %s ${missing ?? ''}`, (version) => {
  test.concurrent.for(SCENARIO_NAMES)(
    'is heard and judged in the scenario %s as its recording is',
    { timeout: 180_000 },
    async (name, { expect }) => {
      await using place = await contractPlace(version);
      const { judged, progress, session, end } = await playScenario(place, name);
      if (recording) writeFixture(version, name, { session, end }, place.folder);
      const recorded = normalize(replay(version, name), readFixture(version, name).session.id);
      const live = normalize({ judged, progress }, session.id, place.folder);
      if (SCENARIOS[name].spendingVaries) expect(withoutSpending(live)).toEqual(withoutSpending(recorded));
      else expect(live).toEqual(recorded);
      expect(place.api.unexpected()).toEqual([]);
    },
  );
});

/** The same but for money, tokens, and how often the service was tried. */
function withoutSpending({ judged, progress }: { judged: AgentEnd; progress: readonly AgentProgress[] }) {
  const { cost_usd, tokens, ...entry } = judged.entry ?? {};
  const { reportedUsd, ...rest } = judged;
  return { judged: { ...rest, entry }, progress: progress.filter(({ type }) => type !== 'waits' && type !== 'spent') };
}
