import { CLAUDE_VERSIONS, whyNoClaude } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { contractPlace } from './place.ts';
import { playScenario } from './play.ts';

const missing = whyNoClaude();

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(`A session of Claude Code %s ${missing ?? ''}`, (version) => {
  test('killed in a tool call goes on with all it had: the task, the words before, and why it was interrupted', {
    timeout: 180_000,
  }, async () => {
    await using place = await contractPlace(version);
    const { judged, session, progress } = await playScenario(place, 'resumed');
    expect(judged).toMatchObject({ outcome: 'done', entry: { session: session.id } });
    const [first, resumed] = place.api.asked();
    expect(JSON.stringify(first?.messages)).toContain('Say hello.');
    const messages = JSON.stringify(resumed?.messages);
    for (const text of ['Say hello.', 'First I wait.', 'You were interrupted: the machine or its worker went down.']) {
      expect(messages).toContain(text);
    }
    // What was said before is not said, or paid for, again.
    expect(progress.filter(({ type }) => type === 'says')).toEqual([{ type: 'says', text: 'Now it is finished.' }]);
  });
});
