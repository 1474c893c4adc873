import type { Remark } from '@errand/checkout';
import { expect, test } from 'vitest';
import { describeWatchEvent } from './describe-watch-event.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');

test('what was done is told in the words of its effect', () => {
  const event = { type: 'committed', commit: 'c', added: ['a', 'b'], edited: [], cancelled: ['old'], tidied: [] } as const;
  expect(describeWatchEvent(event, NOW)).toBe('committed: added a, b; cancelled old');
});

test('a pull tells results, not more than a screen of them, and nothing where it brought none', () => {
  const results = Array.from({ length: 12 }, (_, i) => ({
    id: `t${i}`,
    path: `results/2026-11-20/t${i}.md`,
    state: 'done' as const,
  }));
  const told = describeWatchEvent({ type: 'pulled', from: 'a', to: 'b', results, tasks: [] }, NOW) ?? '';
  expect(told.split('\n').map((line) => line.trim())).toEqual([
    ...results.slice(0, 10).map(({ id, path }) => `${id} is done: ${path}`),
    'and 2 more results',
  ]);
  expect(describeWatchEvent({ type: 'pulled', from: 'a', to: 'b', results: [], tasks: ['x'] }, NOW)).toBeNull();
});

test('a lock that nobody holds any more is named, with its age and what to do', () => {
  const engagement = { what: 'index-locked', path: '/q/.git/index.lock', sinceWallMs: NOW - 12 * 60_000 } as const;
  expect(describeWatchEvent({ type: 'engaged', engagement }, NOW)).toBe(
    'waiting: some git command is at work here since 12 min. If none is, one has crashed: rm /q/.git/index.lock',
  );
});

test('a commit of the person that holds others up says what it holds up, and how to send it', () => {
  const event = { type: 'own-commits', subjects: ['tune the config'], waiting: ['fix-login'], behind: 2 } as const;
  expect(describeWatchEvent(event, NOW)).toBe(
    'fix-login cannot be sent, and results cannot be pulled: a commit of your own is not pushed ("tune the config"). Send it yourself: git pull && git push',
  );
});

test('commits that were taken off the remote are told with both ways out', () => {
  const event = { type: 'taken-back', newest: '0123456789abcdef', subjects: ['add: secret'], waiting: [], behind: 0 } as const;
  const told = describeWatchEvent(event, NOW);
  expect(told).toContain('the remote\'s branch was moved back: it no longer has a commit that is still here ("add: secret")');
  expect(told).toContain("To take that off here too: git rebase --onto '@{u}' 0123456789ab; to send it there again: git push");
  expect(describeWatchEvent({ ...event, behind: 1 }, NOW)).toContain(': git pull --no-rebase && git push');
});

test('the end says what those that are not sent wait for', () => {
  const stopped = (heldBy: Remark['type'] | null) => describeWatchEvent({ type: 'stopped', unsent: ['one'], heldBy }, NOW);
  expect(stopped(null)).toContain('The next errand watch sends it');
  for (const held of ['own-commits', 'taken-back', 'conflict', 'push-refused'] as const) {
    expect(stopped(held)).not.toContain('The next errand watch');
  }
  expect(stopped('own-commits')).toContain('your own commits: git push');
});

test('a refusal of the server names the way out', () => {
  const event = { type: 'push-refused', ids: ['one'], text: 'secret found', base: '0123456789abcdef' } as const;
  expect(describeWatchEvent(event, NOW)).toMatch(/correct the file, save it, .*: git reset --soft 0123456789ab$/);
});

test('names of files cannot become a command where one is to be pasted', () => {
  const odd = '$(touch pwned)';
  const path = `tasks/${odd}.md`;
  const engagement = { what: 'index-locked', path: '/my queue/.git/index.lock', sinceWallMs: NOW } as const;
  const told = [
    { type: 'ignored', path },
    { type: 'staged-otherwise', path },
    { type: 'removals-held', doubt: 'all-gone', ids: [odd, 'fine', 'over'], open: [odd, 'fine'] },
    { type: 'removals-held', doubt: 'all-gone', ids: [odd], open: [odd] },
    { type: 'engaged', engagement },
  ] as const;
  expect(told.map((event) => describeWatchEvent(event, NOW))).toEqual([
    expect.stringContaining("(git check-ignore -v 'tasks/$(touch pwned).md' says"),
    expect.stringMatching(/: git restore --staged 'tasks\/\$\(touch pwned\)\.md'$/),
    expect.stringMatching(/If you mean it: errand cancel fine; else git restore tasks$/),
    expect.not.stringContaining('errand cancel'),
    expect.stringMatching(/: rm '\/my queue\/\.git\/index\.lock'$/),
  ]);
});

test('names of files cannot steer the terminal', () => {
  const path = 'tasks/\u001b[2Jx.md';
  const problems = [{ path, line: 1, column: 1, code: 'bad-id', message: 'no id' }];
  const events = [
    { type: 'invalid', path, problems },
    { type: 'staged-otherwise', path },
    { type: 'pull-blocked', paths: [path], text: '' },
    { type: 'removals-held', doubt: 'all-gone', ids: [path, 'y'], open: [path, 'y'] },
  ] as const;
  for (const event of events) expect(describeWatchEvent(event, NOW)).not.toContain('\u001b');
});

test('a deletion that is held names the open tasks to cancel, all of them or the command that finds them', () => {
  const ids = Array.from({ length: 11 }, (_, i) => `t${i}`);
  const held = (open: string[]) => describeWatchEvent({ type: 'removals-held', doubt: 'too-many', ids, open }, NOW);
  expect(held(['a', 'b'])).toContain('If you mean it: errand cancel a b; else');
  expect(held(ids)).toContain("errand cancel $(git diff --name-only --diff-filter=D HEAD -- 'tasks/*.md'); else");
  expect(held([])).toContain("If you mean it: git commit -m 'tidy tasks' tasks && git push; else git restore tasks");
});

test('what was cancelled is not told as if it had been filed', () => {
  expect(describeWatchEvent({ type: 'sent', ids: ['two', 'three'], removed: ['three'] }, NOW)).toBe('sent: two; removed three');
});
