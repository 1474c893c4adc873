import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Worker and command line run as built code in tests, so what is built must be what is tested. */
export function setup(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { cwd: root, stdio: 'inherit' });
}
