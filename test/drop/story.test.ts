import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REMOTE_KINDS } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { isEvent, Scene, script } from '../rig/scene.ts';
import { WatchProcess } from './watch-process.ts';

const KINDS = REMOTE_KINDS.filter(({ name }) => name === 'a path' || name === 'ssh');

describe.each(KINDS)('over $name ($missing)', ({ missing, start }) => {
  test.skipIf(missing !== null && process.env.CI !== 'true')(
    'a file that is saved runs elsewhere, and its result appears beside it, whatever the person does meanwhile',
    async () => {
      await using server = await start();
      await using scene = await Scene.open(() => server.openRemote());
      await scene.file({ 'the-first': script('echo first') });
      const ada = await scene.person();
      const worker = await scene.worker('pi', { config: 'poll: { interval: 1s }' });
      await worker.waitFor(isEvent('recorded', 'the-first'), 'the first result');
      await using watch = new WatchProcess(ada);
      await watch.tells('started');
      const arrives = (id: string) => watch.tells('pulled', ({ results }) => results.some((result) => result.id === id));
      await arrives('the-first');

      await ada.write('draft.txt', 'staged\n');
      await ada.git('add', 'draft.txt');
      await ada.writeTask('broken', '---\nmachine: [\n---\nx\n');
      await ada.writeTask('hello', script('echo hello from $ERRAND_ID'));
      expect(await arrives('hello')).toMatchObject({ results: [{ id: 'hello', state: 'done' }] });
      expect(await watch.tells('invalid')).toMatchObject({ path: 'tasks/broken.md', problems: [{ line: 3 }] });
      expect((await scene.results('hello')).map(({ result }) => result.answer)).toEqual(['hello from hello']);

      await writeFile(join(ada.dir, '.git/index.lock'), '');
      await rename(join(ada.dir, 'tasks/broken.md'), join(ada.dir, 'tasks/mended.md'));
      await ada.writeTask('mended', script('echo mended'));
      expect(await watch.tells('engaged')).toMatchObject({ engagement: { what: 'index-locked' } });
      expect(watch.events.filter(({ type }) => type === 'committed')).toHaveLength(1);
      await rm(join(ada.dir, '.git/index.lock'));
      await watch.tells('going-on');
      await arrives('mended');

      expect(await ada.git('status', '--short')).toBe('A  draft.txt\n');
      watch.signal('SIGINT');
      expect(await watch.ended).toBe(0);
      expect(await ada.git('rev-parse', 'HEAD')).toBe(await scene.remote.repository.git('rev-parse', 'main'));
    },
    120_000,
  );
});
