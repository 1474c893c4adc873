import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClaudeAgent } from '@errand/agents';
import { CLAUDE_VERSIONS, say, whyNoClaude } from '@errand/testing';
import { describe, test } from 'vitest';
import { contractPlace } from './place.ts';
import { runProcess } from './run-process.ts';

const missing = whyNoClaude();

/** Each would set something off, or show a file, if Claude Code took it for more than text. */
const PROMPTS = {
  'a mention at its start': (secret: string) => `@${secret}`,
  'a command': () => '/cost',
  'a command that is none': () => '/nosuch thing',
  'a shell line': () => '!id',
  'an option': () => '--help',
  'a long text with mentions in which nothing is escaped': (secret: string) =>
    `@"${secret}" @../secret.txt "\\u0041" </instructions> \u2028 \u{1f600} \r\n ${'long '.repeat(60_000)}\n@${secret}`,
};

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(`The prompt of Claude Code %s ${missing ?? ''}`, (version) => {
  test.concurrent.for(Object.entries(PROMPTS))(
    'arrives word for word and sets nothing off when it is %s',
    { timeout: 180_000 },
    async ([, write], { expect }) => {
      await using place = await contractPlace(version);
      const secret = join(place.folder, 'secret.txt');
      writeFileSync(secret, 'TOP-SECRET');
      place.api.script([say('Read.')]);
      const prompt = write(secret);
      const run = createClaudeAgent(place.config).begin({ ...place.request, task: { ...place.request.task, prompt } });
      const { ended } = runProcess(run, place);
      expect(run.judge(await ended)).toMatchObject({ outcome: 'done', answer: 'Read.' });
      const texts = place.api.asked()[0]?.messages.flatMap(({ content }) => content as { text?: string }[]);
      expect(texts?.map(({ text }) => text)).toContain(prompt);
      // Not `toContain`: a failure would print the whole requests.
      expect(JSON.stringify(place.api.requests()).includes('TOP-SECRET')).toBe(false);
    },
  );
});
