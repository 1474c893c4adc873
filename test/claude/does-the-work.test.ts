import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLAUDE_VERSIONS, callTool, say, startModelApi, whyNoClaude } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { claudeOn } from '../rig/claude-on.ts';
import { TestQueue } from '../rig/test-queue.ts';
import { cue, playActs, wordsOf } from './acts.ts';
import { branchesOf, makeProject } from './project.ts';

const missing = whyNoClaude();
/** On a slow and busy machine. */
const PATIENCE_MS = 300_000;
const VERIFY = 'grep -q hello hello.txt';

const write = [callTool('Write', { file_path: 'hello.txt', content: 'hello\n' }), say('I wrote hello.txt.')];
const task = (keys: string, act: string): string => `---\nagent: claude\nmodel: haiku\n${keys}\n---\nSay hello ${cue(act)}\n`;

/** What every attempt of Claude's is told with. */
const told = {
  agent: 'claude',
  tier: 'haiku',
  model: expect.stringContaining('haiku'),
  turns: 2,
  cost_usd: expect.any(Number),
  tokens: { input: 2000, output: 100 },
  session: expect.stringMatching(/^[0-9a-f-]{36}$/),
};

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(
  `Claude Code %s${missing === null ? '' : `: ${missing}`}`,
  { timeout: PATIENCE_MS },
  (version) => {
    test('does the work of a task, in a folder or in a repository: the result has its answer, cost, turns, tokens, session and model', async () => {
      await using api = await startModelApi();
      await using queue = await TestQueue.open();
      const project = await makeProject(queue, { 'README.md': 'Ours.\n', 'CLAUDE.md': 'Greet in English.\n' });
      await queue.person.write('config/errand.yaml', `repos: { site: ${project.repository.dir} }\n`);
      api.script([playActs({ write })]);
      await queue.file({ alone: task('', 'write'), shared: task(`repo: site\nverify: ${VERIFY}`, 'write') });
      const worker = await queue.startWorker('pi', {
        once: true,
        permissions: 'edits',
        verify: [VERIFY],
        agents: { claude: claudeOn(api, version) },
      });
      expect(await worker.exited, worker.errors).toEqual({ code: 0, signal: null });

      const results = await queue.results();
      expect(results.get('alone')).toMatchObject({ state: 'done', answer: 'I wrote hello.txt.', attempts: [told] });
      expect(await readFile(join(queue.path('pi'), 'work/alone/1/hello.txt'), 'utf8')).toBe('hello\n');
      const branch = 'errand/shared/1';
      const tip = await project.repository.resolve(`refs/heads/${branch}`);
      expect(results.get('shared')).toMatchObject({
        state: 'done',
        answer: 'I wrote hello.txt.',
        attempts: [{ ...told, branch, commits: [tip] }],
      });
      expect(await branchesOf(project)).toEqual([branch, 'main']);
      expect(await project.repository.git('show', `${branch}:hello.txt`)).toBe('hello\n');
      const said = '--format=%s; %(trailers:only,unfold,separator=%x2C )';
      expect(await project.repository.git('log', said, `main..${branch}`)).toBe(
        `Say hello ${cue('write')}; Errand-Task: shared, Errand-Attempt: 1\n`,
      );
      expect(api.asked().filter((body) => wordsOf(body).includes('Greet in English.'))).toHaveLength(2);
      expect(api.unexpected()).toEqual([]);
      expect(await queue.openRefs()).toEqual([]);
      await queue.untilNothingRuns();
    });
  },
);

describe.skipIf(missing !== null)(`what Claude made${missing === null ? '' : `: ${missing}`}`, { timeout: PATIENCE_MS }, () => {
  test('is a branch of the repository that the task names by its address; kept here if not to be delivered; no branch if it is nothing', async () => {
    await using api = await startModelApi();
    await using queue = await TestQueue.open();
    const project = await makeProject(queue, { 'README.md': 'Ours.\n' });
    const repo = `repo: ${project.repository.dir}`;
    api.script([playActs({ write, look: [say('There is nothing to do.')] })]);
    await queue.file({
      addressed: task(repo, 'write'),
      kept: task(`${repo}\ndeliver: none`, 'write'),
      idle: task(repo, 'look'),
    });
    const worker = await queue.startWorker('pi', { once: true, agents: { claude: claudeOn(api, CLAUDE_VERSIONS[0]) } });
    expect(await worker.exited, worker.errors).toEqual({ code: 0, signal: null });

    const results = await queue.results();
    expect([...results.values()].map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(await branchesOf(project)).toEqual(['errand/addressed/1', 'main']);
    const [kept] = results.get('kept')?.attempts ?? [];
    expect(kept).toMatchObject({ branch: 'errand/kept/1', commits: [expect.stringMatching(/^[0-9a-f]{40}$/)] });
    expect(results.get('idle')?.answer).toBe('There is nothing to do.');
    expect(results.get('idle')?.attempts[0]).not.toHaveProperty('branch');
    const file = (id: string) => readFile(queue.path('pi', 'work', id, '1', 'hello.txt'), 'utf8');
    expect(await file('kept')).toBe('hello\n');
    for (const id of ['addressed', 'idle']) await expect(file(id)).rejects.toThrow('ENOENT');
    await queue.untilNothingRuns();
  });
});
