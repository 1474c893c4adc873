import type { AgentProgress } from '../agent.ts';
import { shortenToBytes } from './describe.ts';

/** What the words of one line of the stream may take of a log; the answer itself is kept whole. */
export const MAX_SAYS_BYTES = 64 * 1024;

/** The words of all these events together, at most `maxBytes` of UTF-8, with … for what is left out. */
export function boundSays(progress: readonly AgentProgress[], maxBytes: number = MAX_SAYS_BYTES): AgentProgress[] {
  let leftBytes = maxBytes;
  return progress.flatMap((event): AgentProgress[] => {
    if (event.type !== 'says') return [event];
    if (leftBytes === 0) return [];
    const text = shortenToBytes(event.text, leftBytes);
    leftBytes = text === event.text ? leftBytes - Buffer.byteLength(text) : 0;
    return text === '' ? [] : [{ ...event, text }];
  });
}
