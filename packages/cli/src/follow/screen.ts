import type { Io } from '../command.ts';
import { cutToWidth } from '../text-width.ts';

/** What a screen needs of the world. */
export type ScreenIo = Pick<Io, 'out' | 'stdin' | 'columns' | 'rows'>;

/** Called when a person presses `q` or Ctrl-C, and when the frame must be drawn again: the terminal has another size, or is back. */
export interface ScreenListeners {
  quit(): void;
  redraw(): void;
}

const ALTERNATE = { on: '\u001b[?1049h', off: '\u001b[?1049l' };
const CURSOR = { hide: '\u001b[?25l', show: '\u001b[?25h' };
/** A line that is wider than the terminal thinks must not push the next one down. */
const WRAP = { on: '\u001b[?7h', off: '\u001b[?7l' };
/** A terminal that knows them shows a frame whole or not at all. */
const FRAME = { begin: '\u001b[?2026h', end: '\u001b[?2026l' };
const HOME = '\u001b[H';
const CLEAR = '\u001b[2J';
const TO_LINE_END = '\u001b[K';
const TO_SCREEN_END = '\u001b[J';
const CTRL_Z = '\u001a';
/** `q`, Ctrl-C and Ctrl-D. */
const QUIT = ['q', 'Q', '\u0003', '\u0004'];

/**
 * The second screen of a terminal, on which frames are drawn over one another: what stood on the first one is there again
 * afterwards. However the process ends, other than by SIGKILL, the terminal is as it was.
 */
export class Screen implements Disposable {
  readonly #io: ScreenIo;
  readonly #listeners: ScreenListeners;
  #isShown = false;
  readonly #leave = (): void => this.#hide();
  readonly #resize = (): void => this.#listeners.redraw();
  readonly #suspend = (): void => this.#stop(process.pid);
  readonly #continue = (): void => {
    this.#show();
    this.#listeners.redraw();
  };
  readonly #key = (keys: Buffer | string): void => {
    const text = keys.toString();
    // The terminal makes no signals of keys while each is read alone.
    if (text.includes(CTRL_Z)) this.#stop(0);
    else if (QUIT.some((key) => text.includes(key))) this.#listeners.quit();
  };

  constructor(io: ScreenIo, listeners: ScreenListeners) {
    this.#io = io;
    this.#listeners = listeners;
    process.on('exit', this.#leave);
    process.on('SIGWINCH', this.#resize);
    process.on('SIGTSTP', this.#suspend);
    process.on('SIGCONT', this.#continue);
    if (io.stdin.isTTY) io.stdin.on('data', this.#key);
    this.#show();
  }

  /** How wide a line may be. The last column stays free: what is written into it hangs over the edge until the next letter. */
  get columns(): number {
    return Math.max(8, this.#io.columns - 1);
  }

  /** Draws a frame: as many lines as fit, and in the last one how many do not. */
  draw(lines: readonly string[]): void {
    if (!this.#isShown) return;
    const room = Math.max(1, this.#io.rows);
    const isWhole = lines.length <= room;
    const more = `… ${lines.length - room + 1} more lines: errand status`;
    const shown = isWhole ? lines : [...lines.slice(0, room - 1), cutToWidth(more, this.columns)];
    const text = shown.map((line) => `${line}${TO_LINE_END}`).join('\r\n');
    // A line under the last one would scroll.
    this.#io.out(`${FRAME.begin}${HOME}${text}${shown.length < room ? `\r\n${TO_SCREEN_END}` : ''}${FRAME.end}`);
  }

  /** Gives the terminal back. Safe twice. */
  [Symbol.dispose](): void {
    process.off('exit', this.#leave);
    process.off('SIGWINCH', this.#resize);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.#continue);
    this.#io.stdin.off('data', this.#key);
    this.#hide();
  }

  /** Stops this process, or with 0 all that the key would have stopped. Goes on after that, or at once where nothing stops. */
  #stop(pid: number): void {
    this.#hide();
    process.off('SIGTSTP', this.#suspend);
    // Without a shell that could let it go on, as over `ssh -t`, the system drops SIGTSTP. It would not drop SIGSTOP.
    process.kill(pid, 'SIGTSTP');
    process.on('SIGTSTP', this.#suspend);
    this.#continue();
  }

  #show(): void {
    if (this.#isShown) return;
    this.#isShown = true;
    if (this.#io.stdin.isTTY) this.#io.stdin.setRawMode(true).resume();
    this.#io.out(`${ALTERNATE.on}${CURSOR.hide}${WRAP.off}${HOME}${CLEAR}`);
  }

  #hide(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    if (this.#io.stdin.isTTY) this.#io.stdin.setRawMode(false).pause();
    this.#io.out(`${FRAME.end}${WRAP.on}${CURSOR.show}${ALTERNATE.off}`);
  }
}
