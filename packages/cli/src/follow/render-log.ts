import { formatCost } from '@errand/task';
import { spellNumber } from '../attempt-words.ts';
import { plainText } from '../plain-text.ts';
import { oneLine, painter } from '../table.ts';
import { cutToWidth } from '../text-width.ts';
import { type LogEvent, parseLogLine } from './log-event.ts';

/** How a log is shown. */
export interface LogLook {
  colour: boolean;
  columns: number;
  /** The reader is a terminal, or may be: what others wrote must not steer it. */
  terminal: boolean;
}

/** One line about the attempt where no terminal sets its width. */
const MAX_REMARK_COLUMNS = 500;
const NOTHING_SPENT = { usd: 0, estimated: false, input: 0, output: 0, answers: 0 };

/** A stream of events has told its meaning before so much of it has come. */
const MAX_HELD_CHARS = 256 * 1024;

/**
 * The log of one attempt for people. What an agent's stream means is shown in place of the stream itself; an agent whose
 * stream means nothing to errand (a command) is shown as it speaks.
 */
export class LogRenderer {
  readonly #look: LogLook;
  readonly #paint: ReturnType<typeof painter>;
  #isMidLine = false;
  /** Standard output that may be a stream of events of which the first has not come whole; null once that is decided. */
  #held: string | null = '';
  /** What was said on standard output is told by events of its own. */
  #isTold = false;
  #spent = NOTHING_SPENT;

  constructor(look: LogLook) {
    this.#look = look;
    this.#paint = painter(look.colour);
  }

  /** What one line of the log has to show: whole lines, or for raw output what there is. */
  render(line: string): string {
    const event = parseLogLine(line);
    return event === null ? '' : this.#show(event);
  }

  /** Ends a line that is begun, so that something else can be shown. */
  breakLine(): string {
    const end = this.#isMidLine ? '\n' : '';
    this.#isMidLine = false;
    return end;
  }

  /** What is still to be shown where no more lines come. */
  finish(): string {
    const rest = this.#releaseHeld() + this.breakLine();
    // The worker died with the attempt: nobody wrote how it ended.
    return this.#spent.answers === 0 ? rest : rest + this.#remark(this.#summarizeSpent());
  }

  #show(event: LogEvent): string {
    switch (event.type) {
      case 'started':
        // One attempt may run several commands: the agent, and then what verifies its work.
        this.#held = '';
        this.#isTold = false;
        return this.#remark(`started (containment: ${event.containment}): ${event.argv.join(' ')}`);
      case 'session':
        this.#tell();
        return this.#remark(`session ${event.session} (${[event.model, event.version].filter(Boolean).join(', ')})`);
      case 'says':
        this.#tell();
        return `${this.breakLine()}${this.#foreign(event.text).trimEnd()}\n`;
      case 'calls-tool':
        this.#tell();
        return this.#remark(`→ ${event.tool}: ${event.about}`);
      case 'tool-answered':
        this.#tell();
        return this.#remark(`← ${event.tool}${event.ok ? '' : ' failed'}: ${event.text}`, event.ok ? 'dim' : 'red');
      case 'waits':
        this.#tell();
        return this.#remark(event.text, 'yellow');
      case 'spent':
        this.#tell();
        this.#add(event);
        return '';
      case 'output':
        return event.stream === 'stdout' ? this.#showOutput(event.text) : this.#raw(event.text, 'yellow');
      case 'output-capped':
        return this.#remark(`output beyond ${spellNumber(event.limitBytes)} bytes is not kept`);
      case 'frozen':
        return this.#remark(`frozen: ${event.why}`, 'yellow');
      case 'thawed':
        return this.#remark(`goes on: ${event.why}`);
      case 'stopping':
        return this.#remark(`ending it (${event.why}): ${event.signal}`, 'yellow');
      case 'exited':
        return this.#releaseHeld() + this.#remark([describeExit(event), this.#summarizeSpent()].filter(Boolean).join('; '));
      default:
        // Written by a newer errand.
        return '';
    }
  }

  #showOutput(text: string): string {
    if (this.#isTold) return '';
    if (this.#held === null) return this.#raw(text);
    this.#held += text;
    const mayBeStream = /^\s*(?:\{(?:"(?:t(?:y(?:p(?:e(?:".*)?)?)?)?)?)?)?$/s.test(this.#held);
    return mayBeStream && this.#held.length < MAX_HELD_CHARS ? '' : this.#releaseHeld();
  }

  #releaseHeld(): string {
    const held = this.#held ?? '';
    this.#held = null;
    return held === '' ? '' : this.#raw(held);
  }

  #tell(): void {
    this.#isTold = true;
    this.#held = null;
  }

  #raw(text: string, style?: 'yellow'): string {
    const shown = this.#foreign(text);
    if (shown === '') return '';
    this.#isMidLine = !shown.endsWith('\n');
    return style === undefined ? shown : this.#paint(style, shown);
  }

  /** One line about the attempt, no wider than the terminal. */
  #remark(text: string, style: 'dim' | 'yellow' | 'red' = 'dim'): string {
    const columns = this.#look.terminal ? Math.max(20, this.#look.columns) : MAX_REMARK_COLUMNS;
    return `${this.breakLine()}${this.#paint(style, cutToWidth(oneLine(text), columns))}\n`;
  }

  #foreign(text: string): string {
    return this.#look.terminal ? plainText(text) : text;
  }

  #add({ costUsd, estimated, tokens }: Extract<LogEvent, { type: 'spent' }>): void {
    const before = this.#spent;
    this.#spent = {
      usd: before.usd + costUsd,
      estimated: before.estimated || estimated,
      input: before.input + tokens.input + tokens.cache_read + tokens.cache_write,
      output: before.output + tokens.output,
      answers: before.answers + 1,
    };
  }

  /** Told once. */
  #summarizeSpent(): string {
    const { answers, input, output, ...cost } = this.#spent;
    this.#spent = NOTHING_SPENT;
    return answers === 0 ? '' : `spent ${formatCost(cost)}, ${spellNumber(input)} tokens in, ${spellNumber(output)} out`;
  }
}

function describeExit({ exitCode, signal }: Extract<LogEvent, { type: 'exited' }>): string {
  if (exitCode !== null) return `exited with status ${exitCode}`;
  return signal === null ? 'ended without an exit status' : `ended by ${signal}`;
}
