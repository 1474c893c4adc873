import { expect, test } from 'vitest';
import { findUnknownNames, type Naming } from './find-unknown-names.ts';

const KNOWN = {
  tasks: ['fix-login', 'deploy'],
  repos: { site: 'git@example.org:me/site.git' },
  tiers: { claude: { haiku: 'claude-haiku-4-5', sonnet: 'my-own-model', opus: 'claude-opus-4-5' } },
};
const TASK: Naming = { id: 'new', dependsOn: ['fix-login'], repo: 'site', model: 'auto' };

test('names that the queue knows, URLs and models of a tier are no remark', () => {
  const fine: Naming[] = [
    TASK,
    { ...TASK, repo: 'https://example.org/other.git', model: 'opus' },
    { ...TASK, repo: '/srv/git/other.git', model: 'claude-sonnet-4-5' },
    { ...TASK, model: 'my-own-model' },
  ];
  expect(fine.flatMap((task) => findUnknownNames(task, KNOWN))).toEqual([]);
});

test('a name that means nothing is told, with what was meant and the way back', () => {
  expect(findUnknownNames({ id: 'new', dependsOn: ['deploy', 'fix-logn'], repo: 'sit', model: 'opuss' }, KNOWN)).toEqual([
    expect.stringMatching(/no task `fix-logn`.*errand edit new --depends-on deploy,fix-login$/),
    expect.stringMatching(/no repository `sit`.*errand edit new --repo site$/),
    expect.stringMatching(/`opuss`.*errand edit new --model opus$/),
  ]);
  expect(findUnknownNames({ id: 'new', dependsOn: ['nope'], repo: 'other', model: 'gpt5' }, KNOWN)).toEqual([
    'no task `nope` is known here, and new waits for it; to let it run without: errand edit new --depends-on ""',
    expect.stringContaining('no repository `other`'),
    expect.stringContaining('`gpt5` is none of haiku, sonnet, opus'),
  ]);
});
