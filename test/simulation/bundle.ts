import { mkdirSync, renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { type Ablation, ablate } from './ablations.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What stands in the place of Node's modules, and of what is below the queue and the worker. */
const PLATFORM: { [module: string]: string } = {
  'node:fs/promises': here('platform/fs-promises.ts'),
  'node:timers/promises': here('platform/timers.ts'),
  'node:crypto': here('platform/crypto.ts'),
  '@errand/workspace': here('platform/workspace.ts'),
};

/** The queue above its git port, and all of the worker; what else comes along is not called, and has the real things. */
const isSimulated = (importer: string): boolean =>
  /\/packages\/(?:queue\/src|worker\/src(?:\/duties|\/rig)?)\/[^/]+\.ts$/.test(importer);

/** Bundles the player, or another program of this folder, with the real queue and worker over the simulated platform, and gives its path. */
export async function bundlePlayer(without: readonly Ablation[] = [], program = 'player'): Promise<string> {
  const cache = here('../../node_modules/.cache/errand-simulation/');
  mkdirSync(cache, { recursive: true });
  const outfile = `${cache}${[program, ...without].join('-')}.mjs`;
  // Somebody else may be about to read it: it is there whole, or as it was.
  const unfinished = `${outfile}.${process.pid}`;
  await build({
    entryPoints: [here(`${program}.ts`)],
    outfile: unfinished,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    conditions: ['@errand/source'],
    // Libraries that are written for CommonJS ask for it.
    banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
    plugins: [platform(without)],
    logLevel: 'error',
  });
  renameSync(unfinished, outfile);
  return outfile;
}

function platform(without: readonly Ablation[]): Plugin {
  return {
    name: 'simulated platform',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(?:node:(?:fs\/promises|timers\/promises|crypto)|@errand\/workspace)$/ }, ({ path, importer }) => {
        const simulated = PLATFORM[path];
        return simulated !== undefined && isSimulated(importer) ? { path: simulated } : undefined;
      });
      onResolve({ filter: /\/lock\.ts$/ }, ({ importer }) =>
        importer.endsWith('/queue/src/open-queue.ts') ? { path: here('platform/lock.ts') } : undefined,
      );
      if (without.length === 0) return;
      onLoad({ filter: /\/(?:packages|test\/simulation)\/.*\.ts$/ }, async ({ path }) => ({
        contents: ablate(path, await readFile(path, 'utf8'), without),
        loader: 'ts',
      }));
    },
  };
}
