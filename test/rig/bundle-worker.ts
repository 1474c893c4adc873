import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const OPTIONS = {
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  keepNames: true,
  logLevel: 'warning',
  // Libraries in CommonJS ask for Node's modules with `require`.
  banner: { js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);" },
} satisfies BuildOptions;

/**
 * Joins the tests' worker, all that it is made of, and its guard into two files, as the worker that people run is: it starts in half
 * the time, and tests start hundreds. Returns the path of the worker's.
 */
export async function bundleWorker(root: string): Promise<string> {
  const folder = join(root, 'node_modules', '.cache', 'errand-test-worker');
  await mkdir(folder, { recursive: true });
  await place(join(folder, 'package.json'), '{ "type": "module" }\n');
  await place(join(folder, 'guard-main.js'), await bundle(join(root, 'packages/workspace/dist/guard/guard-main.js')));
  const worker = join(folder, 'worker-process.js');
  await place(worker, await bundle(join(root, 'test/rig/worker-process.mjs')));
  return worker;
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({ ...OPTIONS, entryPoints: [entry] });
  return outputFiles[0]?.text ?? '';
}

/** It appears whole: another run of the tests may be using it. */
async function place(path: string, text: string): Promise<void> {
  await writeFile(`${path}.${process.pid}`, text);
  await rename(`${path}.${process.pid}`, path);
}
