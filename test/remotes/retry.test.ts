import { join } from 'node:path';
import { REMOTE_KINDS } from '@errand/testing';
import { describe, test } from 'vitest';
import { isEvent, Scene, script } from '../rig/scene.ts';

// All at once: most of each is the ten seconds before the second try.
describe.concurrent('a task that fails', () => {
  for (const { name, missing, start } of REMOTE_KINDS) {
    const title = `is tried again over ${name}${missing === null ? '' : ` (${missing})`}, and its result tells of both tries`;
    test.skipIf(missing !== null && process.env.CI !== 'true')(title, async ({ expect }) => {
      await using server = await start();
      await using scene = await Scene.open(() => server.openRemote());
      const mark = join(scene.folder, 'tried');
      const ada = await scene.person();
      await ada.writeTask('a', script(`[ -e ${mark} ] && echo better now && exit 0; touch ${mark}; exit 3`, 'retries: 1'));
      await ada.commit();
      await ada.push();
      const worker = await scene.worker('pi', { config: 'poll: { interval: 1s }' });
      const retrying = await worker.waitFor(isEvent('retrying', 'a'), 'the second try');
      expect(retrying.reason).toContain('exit status 3');
      await worker.waitFor(isEvent('recorded', 'a'), 'the result');
      const results = await scene.results('a');
      expect(results.map(({ result }) => [result.answer, result.attempts.map(({ outcome }) => outcome)])).toEqual([
        ['better now', ['failed', 'done']],
      ]);
    });
  }
});
