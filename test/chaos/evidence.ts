import { closeSync, type FSWatcher, openSync, readSync, statSync, watch, writeFileSync } from 'node:fs';

/** What an agent left outside the queue: it ran. */
export interface Run {
  id: string;
  attempt: number;
  machine: string;
  /** Wall clock, milliseconds; null where it did not come to its end. */
  startMs: number;
  endMs: number | null;
}

/** The shell lines of a task: what it notes, and that it works for so long, milliseconds. */
export function noteAround(work: string): string {
  const who = '$ERRAND_ID $ERRAND_ATTEMPT $MACHINE $began';
  return ['began=$(date +%s%3N)', `echo "start ${who}" >> "$NOTES"`, work, `echo "end ${who} $(date +%s%3N)" >> "$NOTES"`].join(
    '\n',
  );
}

/** Reads along in the file that all agents write to. */
export class Evidence implements Disposable {
  readonly path: string;
  readonly runs: Run[] = [];
  readonly #onStart: (run: Run) => void;
  readonly #byName = new Map<string, Run>();
  readonly #watcher: FSWatcher;
  #read = 0;
  #rest = '';

  constructor(path: string, onStart: (run: Run) => void) {
    this.path = path;
    this.#onStart = onStart;
    writeFileSync(path, '');
    this.#watcher = watch(path, () => this.readOn());
  }

  /** Takes in what has been written since. */
  readOn(): void {
    const { size } = statSync(this.path);
    if (size <= this.#read) return;
    const file = openSync(this.path, 'r');
    const bytes = Buffer.alloc(size - this.#read);
    this.#read += readSync(file, bytes, 0, bytes.length, this.#read);
    closeSync(file);
    const lines = (this.#rest + bytes.toString('utf8')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  of(id: string): Run[] {
    return this.runs.filter((run) => run.id === id);
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }

  #take(line: string): void {
    const [what, id = '', attempt, machine = '', began, ended] = line.split(' ');
    const name = `${id} ${attempt} ${machine} ${began}`;
    if (what === 'end') {
      const run = this.#byName.get(name);
      if (run) run.endMs = Number(ended);
      return;
    }
    const run = { id, attempt: Number(attempt), machine, startMs: Number(began), endMs: null };
    this.#byName.set(name, run);
    this.runs.push(run);
    this.#onStart(run);
  }
}
