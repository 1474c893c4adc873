import { spawn } from 'node:child_process';
import type { Containment } from './containment.ts';

const TRIAL_MS = 10_000;

export type Trial = { ok: true; stdout: string } | { ok: false; reason: string };

/** Really runs `/bin/sh -c script` under a containment, and ends it; the reason is what the failing program said. */
export async function tryPlace(containment: Containment, id: string, script: string): Promise<Trial> {
  const preparation = containment.prepare(id);
  if (!preparation.ok) return preparation;
  const { place } = preparation;
  const [program, ...args] = place.wrap('/bin/sh', ['-c', script]);
  const trial = await new Promise<Trial>((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/bin:/bin', ...place.wrapperEnv },
      cwd: '/',
      detached: true,
      timeout: TRIAL_MS,
      killSignal: 'SIGKILL',
    });
    const texts = { stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
    child.on('error', (error) => resolve({ ok: false, reason: `${program}: ${error.message}` }));
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ ok: true, stdout: texts.stdout.trim() });
      else
        resolve({
          ok: false,
          reason: texts.stderr.trim().split('\n')[0] || `${program} ended with ${signal ?? `status ${code}`}`,
        });
    });
  });
  await place.unit?.end(0);
  return trial;
}
