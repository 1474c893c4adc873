import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Order, PlayedLine } from './order.ts';

/** Plays seeds in a process of its own, as fast as one core does; `hear` gets each as it ends. What ran is reported to `reports`, a folder. */
export function playSeeds(player: string, order: Order, hear: (played: PlayedLine) => void, reports?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', player, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH ?? '', ...(reports !== undefined && { NODE_V8_COVERAGE: reports }) },
    });
    createInterface({ input: child.stdout }).on('line', (line) => hear(JSON.parse(line) as PlayedLine));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`a player ended with status ${code}`))));
  });
}
