import { expect, test } from 'vitest';
import { type ResultStateCache, readResultStates } from './result-states.ts';
import { type OpenScene, overMemoryAndGit } from './rig/over-memory-and-git.ts';

const result = (state: string) => `---\nstate: ${state}\nfinished_at: 2026-11-20T09:00:00Z\n---\nanswer\n`;

async function sceneWithDependencies(open: OpenScene) {
  const scene = await open();
  await scene.commit({
    'tasks/last.md': '---\ndepends_on: [good, bad, odd, open]\n---\nThen this.\n',
    'tasks/open.md': 'Not yet.',
    'results/2026-11-19/good.md': result('done'),
    'results/2026-11-19/bad.md': result('failed'),
    'results/2026-11-19/odd.md': 'a person wrote this\n',
    'results/2026-11-19/unrelated.md': result('done'),
  });
  const port = scene.clone();
  const requests: (readonly string[])[] = [];
  const { fetchBlobs } = port;
  port.fetchBlobs = (oids) => {
    requests.push([...oids]);
    return fetchBlobs.call(port, oids);
  };
  const view = await scene.view(port);
  requests.length = 0;
  return { scene, port, view, requests };
}

overMemoryAndGit((open) => {
  test('only dependencies are read, all in one request, and what nobody can read counts as failed', async () => {
    const { port, view, requests } = await sceneWithDependencies(open);
    const states = await readResultStates(port, view, new Map());
    expect(Object.fromEntries(states)).toEqual({ good: 'done', bad: 'failed', odd: 'failed' });
    expect(requests.map((oids) => oids.length)).toEqual([3]);
  });

  test('a result that was read once is not read again', async () => {
    const { port, view } = await sceneWithDependencies(open);
    const cache: ResultStateCache = new Map();
    const first = await readResultStates(port, view, cache);
    port.read = () => Promise.reject(new Error('read again'));
    expect(await readResultStates(port, view, cache)).toEqual(first);
  });

  test('a result whose text the remote does not send is not known yet, and asked for again', async () => {
    const { scene, port, view } = await sceneWithDependencies(open);
    const cache: ResultStateCache = new Map();
    await scene.goAway();
    expect(await readResultStates(port, view, cache)).toEqual(new Map());
    await scene.comeBack();
    expect((await readResultStates(port, view, cache)).get('good')).toBe('done');
  });
});
