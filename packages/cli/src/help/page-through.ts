import { spawn } from 'node:child_process';
import type { Io } from '../command.ts';

/** Shows a long text in the person's pager, as `PAGER` says, on a terminal that it does not fit; prints it anywhere else. */
export async function pageThrough(io: Io, text: string): Promise<void> {
  const [pager = '', ...args] = (io.env.PAGER ?? 'less').split(/\s+/).filter(Boolean);
  const isLong = text.split('\n').length > io.rows;
  if (!io.terminal || !isLong || pager === '' || pager === 'cat') return io.out(text);
  // What less needs to know for colours, for a short text, and to leave what was read on the screen.
  const child = spawn(pager, args, { stdio: ['pipe', 'inherit', 'inherit'], env: { LESS: 'FRX', ...io.env } });
  const ended = await new Promise<'shown' | 'missing'>((resolve) => {
    child.once('error', () => resolve('missing'));
    child.once('close', () => resolve('shown'));
    // Whoever leaves the pager early does not want the rest.
    child.stdin.on('error', () => {});
    child.stdin.end(text);
  });
  if (ended === 'missing') io.out(text);
}
