import { spawn } from 'node:child_process';
import type { Io } from '../command.ts';

const TYPED_SIGNALS = ['SIGINT', 'SIGQUIT'] as const;

/** Shows a long text in the person's pager, as `PAGER` says, on a terminal that it does not fit; prints it anywhere else. */
export async function pageThrough(io: Io, text: string): Promise<void> {
  const [pager = '', ...args] = (io.env.PAGER ?? 'less').split(/\s+/).filter(Boolean);
  const isLong = text.split('\n').length > io.rows;
  if (!io.terminal || !isLong || pager === '' || pager === 'cat') return io.out(text);
  // What less needs to know for colours, for a short text, and to leave what was read on the screen.
  const child = spawn(pager, args, { stdio: ['pipe', 'inherit', 'inherit'], env: { LESS: 'FRX', ...io.env } });
  // On a terminal both get what is typed: Ctrl-C ends a search of the pager, and not errand, which would leave it without its terminal.
  const ignore = (): void => {};
  for (const signal of TYPED_SIGNALS) process.on(signal, ignore);
  const ended = await new Promise<'shown' | 'missing'>((resolve) => {
    child.once('error', () => resolve('missing'));
    child.once('close', () => resolve('shown'));
    // Whoever leaves the pager early does not want the rest.
    child.stdin.on('error', () => {});
    child.stdin.end(text);
  });
  for (const signal of TYPED_SIGNALS) process.off(signal, ignore);
  if (ended === 'missing') io.out(text);
}
