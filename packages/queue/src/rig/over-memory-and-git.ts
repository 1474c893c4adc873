import { pathRemote } from '@errand/testing';
import { afterEach, describe } from 'vitest';
import { GitScene } from './git-scene.ts';
import { MemoryScene } from './memory-scene.ts';
import type { Scene } from './scene.ts';

/** Opens a scene that is cleaned up when the test ends. */
export type OpenScene = () => Promise<Scene>;

/**
 * Runs scenarios over the remote in memory and over a real one. How git reaches it is the port's business alone, and that is held to
 * its promises over every kind of remote in `conformance/`. Where a scenario needs something that only memory can have, it stays
 * outside and says why.
 */
export function overMemoryAndGit(scenarios: (open: OpenScene) => void): void {
  describe('over memory', () => scenarios(async () => new MemoryScene()));
  describe('over git', () => {
    const scenes: Scene[] = [];
    afterEach(async () => {
      for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]();
    });
    scenarios(async () => {
      const scene = new GitScene(await pathRemote());
      scenes.push(scene);
      return scene;
    });
  });
}
