import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { asObject, asText, writePieces } from './json.ts';

/**
 * What a call is about, such that two calls of one tool about the same have the same name: the file, whatever is written to it;
 * the command, however it is described; else the whole input. A relative path is one in `cwd`. Of a fixed length.
 */
export function nameTarget(input: unknown, cwd: string | null): string {
  const fields = asObject(input) ?? {};
  const path = asText(fields.file_path) ?? asText(fields.notebook_path);
  if (path !== null) return digest(['file ', resolve(cwd ?? '/', path)]);
  const command = asText(fields.command);
  if (command !== null) return digest(['command ', command]);
  return digest(writePieces(input));
}

function digest(pieces: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
