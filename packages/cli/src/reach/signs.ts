import { quoteWords } from './quote-words.ts';

/** What the script on the other side says of the command, besides what the command itself says. */
export type Sign =
  /** It is about to start; `pid` leads the group of all that it starts. */
  | { type: 'started'; pid: number }
  /** It has ended, with this status; 128 + n where signal n ended it. */
  | { type: 'ended'; status: number };

const MARK = '\u001e';
/** Longer than any sign. */
const MAX_SIGN_BYTES = 128;

/**
 * What ssh is to run: the words, and around them a script that says when they start and how they end. Ssh alone says 255 both
 * for its own trouble and for a command's, and for every command that a signal ended. `nonce` keeps its signs apart from
 * whatever the command writes.
 */
export function wrapCommand(nonce: string, words: readonly string[]): string {
  // One line, since not every login shell takes more. The traps keep the script itself; a command gets the defaults again.
  const script = [
    'PATH=$PATH:$HOME/.local/bin; export PATH',
    'trap : HUP INT QUIT TERM',
    'n=$1; shift',
    `printf '\\036%s started %s\\036' "$n" $$ >&2`,
    // What the shell itself remarks on a command that a signal ended is not the command's.
    'exec 3>&2 2>/dev/null',
    '( exec "$@" 2>&3 3>&- )',
    's=$?',
    `printf '\\036%s ended %s\\036' "$n" $s >&3`,
    'exit $s',
  ].join('; ');
  return `exec ${quoteWords(['sh', '-c', script, 'errand', nonce, ...words])}`;
}

/** Takes the signs out of a stream, and lets every other byte through at once. */
export class SignFilter {
  readonly #start: Buffer;
  readonly #pass: (bytes: Buffer) => void;
  readonly #tell: (sign: Sign) => void;
  /** The beginning of what may become a sign. */
  #held: Buffer = Buffer.alloc(0);

  constructor(nonce: string, pass: (bytes: Buffer) => void, tell: (sign: Sign) => void) {
    this.#start = Buffer.from(`${MARK}${nonce} `);
    this.#pass = pass;
    this.#tell = tell;
  }

  write(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    for (let at = rest.indexOf(this.#start); at >= 0; at = rest.indexOf(this.#start)) {
      this.#letThrough(rest.subarray(0, at));
      const end = rest.indexOf(MARK, at + this.#start.length);
      if (end < 0 && rest.length - at < MAX_SIGN_BYTES) {
        this.#held = rest.subarray(at);
        return;
      }
      const sign = end < 0 ? null : readSign(rest.subarray(at + this.#start.length, end).toString('latin1'));
      if (sign === null) this.#letThrough(rest.subarray(at, at + this.#start.length));
      else this.#tell(sign);
      rest = rest.subarray(sign === null ? at + this.#start.length : end + 1);
    }
    const begun = this.#beginningAtEnd(rest);
    this.#letThrough(rest.subarray(0, rest.length - begun));
    this.#held = rest.subarray(rest.length - begun);
  }

  /** Nothing more comes: what was held was no sign. */
  end(): void {
    this.#letThrough(this.#held);
    this.#held = Buffer.alloc(0);
  }

  /** How many bytes at the end may be the beginning of a sign. */
  #beginningAtEnd(bytes: Buffer): number {
    for (let length = Math.min(bytes.length, this.#start.length - 1); length > 0; length--) {
      if (bytes.subarray(bytes.length - length).equals(this.#start.subarray(0, length))) return length;
    }
    return 0;
  }

  #letThrough(bytes: Buffer): void {
    if (bytes.length > 0) this.#pass(bytes);
  }
}

function readSign(text: string): Sign | null {
  const [, type, number] = /^(started|ended) (\d{1,10})$/.exec(text) ?? [];
  if (type === 'started' && Number(number) > 1) return { type, pid: Number(number) };
  return type === 'ended' ? { type, status: Number(number) & 0xff } : null;
}
