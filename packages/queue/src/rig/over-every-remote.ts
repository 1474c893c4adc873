import { afterEach, describe } from 'vitest';
import { GitScene } from './git-scene.ts';
import { MemoryScene } from './memory-scene.ts';
import { overRealRemotes } from './remotes.ts';
import type { Scene } from './scene.ts';

/** Opens a scene that is cleaned up when the test ends. */
export type OpenScene = () => Promise<Scene>;

/**
 * Runs scenarios over the remote in memory and over every real one. Where a scenario needs something that only memory can
 * have, it stays outside and says why.
 */
export function overEveryRemote(scenarios: (open: OpenScene) => void): void {
  describe('over memory', () => scenarios(async () => new MemoryScene()));
  overRealRemotes((openRemote) => {
    const scenes: Scene[] = [];
    afterEach(async () => {
      for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]();
    });
    scenarios(async () => {
      const scene = new GitScene(await openRemote());
      scenes.push(scene);
      return scene;
    });
  });
}
