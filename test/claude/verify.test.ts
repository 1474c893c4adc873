import { CLAUDE_VERSIONS, callTool, say, startModelApi, whyNoClaude } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { claudeOn } from '../rig/claude-on.ts';
import { TestQueue } from '../rig/test-queue.ts';
import { cue, playActs } from './acts.ts';
import { readRecord } from './refs.ts';
import { whyItWaits } from './status.ts';

const missing = whyNoClaude();
/** What each version makes of it is the adapter's contract; what follows from that is the worker's, and the same for all. */
const NEWEST = CLAUDE_VERSIONS.slice(0, 1);
/** On a slow and busy machine. */
const PATIENCE_MS = 300_000;

const greet = [callTool('Write', { file_path: 'hello.txt', content: 'hello' }), say('It says hello.')];
const verified = (line: string, keys = ''): string =>
  `---\nagent: claude\nverify: ${line}\n${keys}\n---\nWhat is hello in English? ${cue('greet')}\n`;

describe.skipIf(missing !== null).each(NEWEST)(
  `Claude Code %s${missing === null ? '' : `: ${missing}`}`,
  { timeout: PATIENCE_MS },
  (version) => {
    test('is asked again one tier up each time that verify fails, and is done only where it passes', async () => {
      await using api = await startModelApi();
      await using queue = await TestQueue.open();
      api.script([playActs({ greet })]);
      // Each attempt writes the file where verify looks; only the third is good enough.
      await queue.file({ climbs: verified(`grep hello hello.txt && [ "$ERRAND_TIER" = opus ]`) });
      const worker = await queue.startWorker('pi', { once: true, agents: { claude: claudeOn(api, version) } });
      expect(await worker.exited, worker.errors).toEqual({ code: 0, signal: null });

      const { state, attempts = [] } = (await queue.results()).get('climbs') ?? {};
      expect(state).toBe('done');
      expect(attempts).toMatchObject([
        { tier: 'haiku', outcome: 'failed', cause: expect.stringMatching(/^verify failed: exit status 1: grep hello/) },
        { tier: 'sonnet', outcome: 'failed', tier_reason: 'raised from haiku after a failed attempt' },
        { tier: 'opus', outcome: 'done' },
      ]);
      const models = attempts.map(({ model = '' }) => model);
      expect(models).toEqual(['haiku', 'sonnet', 'opus'].map((tier) => expect.stringContaining(tier)));
      expect(api.asked().map(({ model }) => model)).toEqual(models.flatMap((model) => [model, model]));
      expect(new Set(attempts.map(({ session }) => session)).size).toBe(3);
      await queue.untilNothingRuns();
    });
  },
);

describe.skipIf(missing !== null)(
  `without permission for everything${missing === null ? '' : `: ${missing}`}`,
  { timeout: PATIENCE_MS },
  () => {
    test('a verify line is run where the machine has listed it, and else its task is not; nothing is done while it fails', async () => {
      await using api = await startModelApi();
      await using queue = await TestQueue.open();
      api.script([playActs({ greet })]);
      await queue.file({
        foreign: verified('touch anything'),
        passes: verified('test -f hello.txt'),
        fails: verified('cat hello.txt missing.txt', 'retries: 0'),
      });
      const worker = await queue.startWorker('pi', {
        permissions: 'edits',
        verify: ['test -f hello.txt', 'cat hello.txt missing.txt'],
        agents: { claude: claudeOn(api, CLAUDE_VERSIONS[0]) },
      });
      for (const id of ['passes', 'fails'])
        await worker.waitFor((event) => event.type === 'recorded' && event.id === id, `the result of ${id}`);
      expect(await whyItWaits(queue, 'foreign')).toContain('`pi` does not allow its verify line: list it in `policy.verify`');
      await worker.stop();
      expect(worker.all('claimed').map(({ id }) => id)).not.toContain('foreign');
      await expect(readRecord(queue, 'foreign')).rejects.toThrow();
      const results = await queue.results();
      expect(results.get('passes')).toMatchObject({ state: 'done' });
      expect(results.get('fails')).toMatchObject({
        state: 'failed',
        answer: expect.stringMatching(/^It says hello\.\n\nVerify \(cat hello\.txt missing\.txt\):\n\nhello\n\n.*missing\.txt/),
        attempts: [{ outcome: 'failed', cost_usd: expect.any(Number) }],
      });
      await queue.untilNothingRuns();
    });
  },
);
