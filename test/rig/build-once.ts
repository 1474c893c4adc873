import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from './bundle-worker.ts';

/** Worker and command line run as built code in tests, so what is built must be what is tested. */
export async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { cwd: root, stdio: 'inherit' });
  process.env.RIG_WORKER = await bundleWorker(root);
}
