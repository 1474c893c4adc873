import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

const MAX_BYTES = 64 * 1024;

/**
 * Reads what a repository tells agents, such as `CLAUDE.md`: a regular file within `cwd`, whatever links lead to it, in
 * UTF-8. Of more than 64 KiB the first part, with a note; null where there is no such file. Never rejects.
 */
export async function readInstructions(cwd: string, name: string): Promise<{ path: string; text: string } | null> {
  try {
    const root = await realpath(cwd);
    const path = await realpath(join(root, name));
    if (!path.startsWith(root + sep)) return null;
    // Without NONBLOCK, a pipe in its place would keep us waiting for someone to write.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) return null;
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
      const text = decode(buffer.subarray(0, Math.min(bytesRead, MAX_BYTES)), bytesRead > MAX_BYTES);
      return text === null ? null : { path, text };
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

function decode(bytes: Buffer, cut: boolean): string | null {
  try {
    // As a stream, a character that was cut in two is left out instead of being an error.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
    return cut ? `${text}\n\n(The rest is left out: the file is longer than 64 KiB.)\n` : text;
  } catch {
    return null;
  }
}
