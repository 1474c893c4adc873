import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder of its own, deleted at the end of the scope: `await using folder = temporaryDirectory()`. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Absolute, without symbolic links. */
  readonly path: string;
}

export function temporaryDirectory(): TemporaryDirectory {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'errand-test-')));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}
