import type { Io } from './command.ts';
import { oneLine } from './table.ts';

/** A remark for people, in one line: what it quotes of others cannot steer the terminal, or look like a remark of its own. */
export function remark(io: Pick<Io, 'note'>, text: string): void {
  io.note(`errand: ${oneLine(text)}\n`);
}
