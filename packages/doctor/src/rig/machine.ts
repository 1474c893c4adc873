import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadMachineConfig } from '@errand/config';
import { hermeticEnv, type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import type { Check } from '../check.ts';
import { examine } from '../examine.ts';
import type { Finding } from '../finding.ts';

/** A machine with files of its own, looked at by the checks of this machine. */
export class Machine implements AsyncDisposable {
  readonly folder: TemporaryDirectory = temporaryDirectory();
  readonly env = hermeticEnv(this.folder.path);
  readonly stateDir = join(this.folder.path, 'state');
  readonly configPath = join(this.folder.path, 'home/.config/errand/config.yaml');

  async configure(...lines: string[]): Promise<void> {
    await mkdir(join(this.configPath, '..'), { recursive: true });
    await writeFile(this.configPath, `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  async see({ fix = false, offline = true } = {}, ...checks: Check[]): Promise<Finding[]> {
    return examine({
      env: this.env,
      config: await loadMachineConfig(this.env),
      stateDir: this.stateDir,
      version: '0.1.0',
      offline,
      fix,
      signal: new AbortController().signal,
      checks,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
  }
}
