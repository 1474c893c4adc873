import { finished } from 'node:stream';
import { statusOfSignal } from './forwarded-signals.ts';
import type { OutputRelay } from './output-relay.ts';

/** Where output can no longer be handed on to. */
export type LostReader = 'stdout' | 'stderr';

/**
 * Tells when this process can no longer hand on what the command writes, and how a program ends to which that happens. Returns
 * what stops the watch.
 */
export function watchReaders(relay: OutputRelay | null, tell: (lost: LostReader, status: number) => void): () => void {
  let watching = true;
  void relay?.ended.then((status) => {
    if (watching && status !== 0) tell('stdout', status);
  });
  const stop = finished(process.stderr, { readable: false }, (error) => {
    if (error?.code === 'EPIPE') tell('stderr', statusOfSignal('SIGPIPE'));
  });
  return () => {
    watching = false;
    stop();
  };
}
