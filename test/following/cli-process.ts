import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HeardProcess } from '../rig/heard-process.ts';
import type { Scene } from '../rig/scene.ts';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));

/** An `errand` command that goes on for a while, on a machine whose worker was started before. */
export class CliProcess extends HeardProcess {
  constructor(scene: Scene, machine: string, ...args: string[]) {
    const stateDir = scene.stateDir(machine);
    const env = { ...scene.machineEnv(machine), ERRAND_STATE_DIR: stateDir, ERRAND_CONFIG: `${stateDir}/config.yaml` };
    super(spawn(process.execPath, [ERRAND, ...args], { cwd: scene.folder, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** The id that `delegate` has printed. */
  async id(): Promise<string> {
    return (await this.says('stdout', /^([a-z0-9-]+)\n/))[1] ?? '';
  }
}
