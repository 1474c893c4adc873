import { createClaudeAgent } from '@errand/agents';
import { CLAUDE_VERSIONS, callTool, say, whyNoClaude } from '@errand/testing';
import { describe, test } from 'vitest';
import { contractPlace } from './place.ts';
import { runProcess } from './run-process.ts';

const missing = whyNoClaude();

/** Each would keep the process alive after its result, or take the work elsewhere. */
const CALLS = {
  ScheduleWakeup: { delaySeconds: 3600, reason: 'to look again', prompt: 'Look again.' },
  CronCreate: { cron: '* * * * *', prompt: 'Look again.', recurring: true },
  EnterWorktree: { name: 'elsewhere' },
  Bash: { command: 'sleep 3600', run_in_background: true },
} as const;

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(`A tool of Claude Code %s ${missing ?? ''}`, (version) => {
  test.concurrent.for(Object.entries(CALLS))(
    'that goes on elsewhere is not there: %s',
    { timeout: 180_000 },
    async ([tool, input], { expect }) => {
      await using place = await contractPlace(version);
      place.api.script([callTool(tool, input), say('Then not.')]);
      const run = createClaudeAgent({
        ...place.config,
        permissions: 'bypass',
        env: { ...place.config.env, IS_SANDBOX: '1' },
      }).begin(place.request);
      const { ended, progress } = runProcess(run, place);
      expect(run.judge(await ended)).toMatchObject({ outcome: 'done', answer: 'Then not.' });
      expect(progress).toContainEqual({ type: 'tool-answered', tool, ok: false, text: expect.any(String) });
    },
  );
});
