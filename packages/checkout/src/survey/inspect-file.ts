import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { looksLikeFrontMatter, type Problem, parseTask } from '@errand/task';

/** More than any task may have; what is larger is not even read. */
const MAX_READ_BYTES = 4 * 1024 * 1024;

/** A file at one moment: a name for that state of it, and what a worker would refuse. Null where there is none. */
export interface Inspection {
  fingerprint: string;
  problems: readonly Problem[];
  forgotFrontMatter: boolean;
}

type Judgement = Omit<Inspection, 'fingerprint'>;

/** Looks into task files, and no more than once into each state of each. */
export class FileInspector {
  readonly #dir: string;
  readonly #known = new Map<string, Inspection>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  async inspect(path: string): Promise<Inspection | null> {
    const fingerprint = await takeFingerprint(this.#dir, path);
    const known = this.#known.get(path);
    if (fingerprint === null) this.#known.delete(path);
    if (fingerprint === null || known?.fingerprint === fingerprint) return known ?? null;
    const judgement = await judge(this.#dir, path);
    if (judgement === null) return null;
    const inspection = { fingerprint, ...judgement };
    this.#known.set(path, inspection);
    return inspection;
  }
}

/** Names the state of a file without reading it; null where there is none. */
export async function takeFingerprint(dir: string, path: string): Promise<string | null> {
  const found = await lstat(join(dir, path), { bigint: true }).catch(() => null);
  return found === null ? null : `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}:${found.mode}`;
}

async function judge(dir: string, path: string): Promise<Judgement | null> {
  const refuse = (problem: Problem): Judgement => ({ problems: [problem], forgotFrontMatter: false });
  const place = { path, line: 1, column: 1 };
  const found = await lstat(join(dir, path)).catch(() => null);
  if (found === null) return null;
  if (!found.isFile()) {
    const message = found.isSymbolicLink() ? 'a symbolic link stands where a task should' : 'no file stands where a task should';
    return refuse({ ...place, code: 'not-a-file', message, hint: 'Put the file itself there.' });
  }
  if (found.size > MAX_READ_BYTES) {
    const message = `this file has ${Math.ceil(found.size / 1024)} KiB; a task may have 256`;
    const hint = 'Put the material into a repository or a file, and name it in the prompt.';
    return refuse({ ...place, code: 'too-large', message, hint });
  }
  const read = await readWhole(join(dir, path)).catch((error: NodeJS.ErrnoException) => error);
  if (read instanceof Error) {
    if (read.code === 'ENOENT') return null;
    const hint = 'Let yourself read the file, then save it again.';
    return refuse({ ...place, code: 'unreadable', message: `it cannot be read (${read.code ?? read.message})`, hint });
  }
  const parsed = parseTask(path, read);
  if (!parsed.ok) return { problems: parsed.problems, forgotFrontMatter: false };
  return { problems: [], forgotFrontMatter: looksLikeFrontMatter(read.toString('utf8')) };
}

async function readWhole(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}
