import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as pause } from 'node:timers/promises';
import { privateSocketFolder } from '@errand/queue';
import type { Io } from '../command.ts';
import { type Failure, fail } from '../failure.ts';
import { plainText } from '../plain-text.ts';
import { explainBreak, explainNoShell, explainSsh } from './explain-ssh.ts';
import { ForwardedSignals, statusOfSignal } from './forwarded-signals.ts';
import { OutputRelay } from './output-relay.ts';
import { quoteWords, splitWords } from './quote-words.ts';
import { SignFilter, wrapCommand } from './signs.ts';
import { buildSshArguments, type SshTarget } from './ssh-arguments.ts';
import { type LostReader, watchReaders } from './watch-readers.ts';

export interface RunOptions {
  /**
   * Reads standard output, and there is no standard input; absent: both are this process's. Who reads it has not chosen what the
   * other side says, so standard error comes without whatever steers a terminal.
   */
  onOutput?: (bytes: Buffer) => void;
}

/**
 * How a command on another machine ended. `interrupted`: a signal came here, or nobody here takes its output any more, and nobody
 * saw how it ended there. `started` says whether it may have done anything.
 */
export type Reached =
  | { kind: 'ended'; status: number }
  | { kind: 'interrupted'; status: number }
  | { kind: 'failed'; started: boolean; failure: Failure };

/** An old ssh lends its standard error to the connection that stays open: what comes after its end is waited for so long, milliseconds. */
const LATE_OUTPUT_MS = 1_000;

/** Runs a command on another machine by the system's ssh, with the streams and the signals of this process. */
export async function runOverSsh(
  io: Io,
  target: SshTarget,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Reached> {
  const ssh = splitWords(io.env.ERRAND_SSH ?? 'ssh');
  if (ssh === null || ssh.length === 0) {
    const hint = 'Set it to a program and its options, as in ERRAND_SSH="ssh -F other-config", or unset it.';
    return { kind: 'failed', started: false, ...fail('configuration', 'bad-ssh', 'ERRAND_SSH is no command line', hint) };
  }
  const folder = await mkdtemp(join(tmpdir(), 'errand-exec-'));
  // Nobody waits for this function where the reader of standard output has gone.
  const onExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', onExit);
  const hasKeyboard = io.stdin.isTTY === true;
  const terminal = options.onOutput === undefined && hasKeyboard && io.terminal;
  const use = { ssh, target, socketFolder: await privateSocketFolder(io.env), logPath: join(folder, 'log') };
  try {
    const run = new SshRun(io, target, {
      command: buildSshArguments({ ...use, terminal, mayAsk: hasKeyboard }),
      quietly: buildSshArguments({ ...use, terminal: false, mayAsk: false }),
      terminal,
      hasKeyboard,
      onOutput: options.onOutput ?? null,
    });
    return await run.run(words, use.logPath);
  } finally {
    process.off('exit', onExit);
    await rm(folder, { recursive: true, force: true });
  }
}

interface SshRunOptions {
  command: readonly [string, ...string[]];
  /** The same without a terminal and without questions. */
  quietly: readonly [string, ...string[]];
  terminal: boolean;
  hasKeyboard: boolean;
  onOutput: ((bytes: Buffer) => void) | null;
}

class SshRun {
  readonly #io: Io;
  readonly #target: SshTarget;
  readonly #options: SshRunOptions;
  /** Leader of the command's processes there; null before it has started. */
  #pid: number | null = null;
  #status: number | null = null;
  /** What brings its output to standard output; null where it goes another way. */
  #relay: OutputRelay | null = null;
  /** How a program here ends that cannot get rid of its output; null while somebody takes it. */
  #unread: number | null = null;

  constructor(io: Io, target: SshTarget, options: SshRunOptions) {
    this.#io = io;
    this.#target = target;
    this.#options = options;
  }

  async run(words: readonly string[], logPath: string): Promise<Reached> {
    const { command, terminal, onOutput, hasKeyboard } = this.#options;
    const nonce = randomBytes(16).toString('hex');
    const [program, ...args] = [...command, wrapCommand(nonce, words)];
    this.#relay = onOutput || this.#io.terminal ? null : OutputRelay.start(this.#io.env);
    const started = this.#start(program ?? 'ssh', args, {
      env: this.#io.env,
      // With a terminal the command has one stream there, and it arrives on standard output.
      stdio: [
        onOutput ? 'ignore' : 'inherit',
        terminal || onOutput ? 'pipe' : (this.#relay?.input ?? 'inherit'),
        terminal ? 'inherit' : 'pipe',
      ],
      // Ctrl-C is passed on, and must not end ssh before the command is seen to end. A session of its own has no keyboard.
      detached: !hasKeyboard,
    });
    this.#relay?.letGo();
    if ('failure' in started) return { kind: 'failed', started: false, failure: started.failure };
    const { child } = started;
    const signals = new ForwardedSignals((signal, again) => this.#forward(child, signal, again));
    const stopWatching = onOutput ? null : watchReaders(this.#relay, (lost, status) => this.#giveUp(child, lost, status));
    try {
      this.#listen(child, nonce);
      const ended = await this.#waitFor(child);
      if ('failure' in ended) return { kind: 'failed', started: false, failure: ended.failure };
      await this.#relay?.ended;
      const [status, unread] = [this.#status, this.#unread];
      // A command that is content does not know that its output got lost.
      if (status !== null && (status !== 0 || unread === null)) return { kind: 'ended', status };
      if (signals.first !== null) return { kind: 'interrupted', status: statusOfSignal(signals.first) };
      if (unread !== null) return { kind: 'interrupted', status: unread };
      if (this.#pid !== null) return { kind: 'failed', started: true, ...explainBreak(this.#target) };
      const said = await readFile(logPath, 'utf8').catch(() => '');
      const { code } = ended;
      const isSshs = code === null || code === 255 || said.trim() !== '';
      const why = isSshs ? explainSsh(this.#target, said) : explainNoShell(this.#target, code);
      return { kind: 'failed', started: false, ...why };
    } finally {
      stopWatching?.();
      signals.close();
    }
  }

  #listen(child: ChildProcess, nonce: string): void {
    const { terminal, onOutput } = this.#options;
    const out = (bytes: Buffer): void => this.#io.out(bytes);
    const decoder = new StringDecoder('utf8');
    const note = (bytes: Buffer): void => this.#io.note(onOutput ? plainText(decoder.write(bytes)) : bytes);
    const filter = new SignFilter(nonce, terminal ? out : note, (sign) => {
      if (sign.type === 'started') this.#pid = sign.pid;
      else this.#status = sign.status;
    });
    const signed = terminal ? child.stdout : child.stderr;
    signed?.on('data', (bytes: Buffer) => filter.write(bytes)).on('end', () => filter.end());
    if (onOutput) child.stdout?.on('data', onOutput);
  }

  async #waitFor(child: ChildProcess): Promise<{ code: number | null } | { failure: Failure }> {
    const closed = once(child, 'close');
    // A program that could not be started has neither an exit nor a close.
    closed.catch(() => {});
    try {
      const [code] = (await once(child, 'exit')) as [number | null];
      await Promise.race([closed, pause(LATE_OUTPUT_MS, undefined, { ref: false })]);
      return { code };
    } catch (error) {
      return this.#explainStart(error as NodeJS.ErrnoException);
    }
  }

  #start(program: string, args: readonly string[], options: SpawnOptions): { child: ChildProcess } | { failure: Failure } {
    try {
      return { child: spawn(program, args, options) };
    } catch (error) {
      return this.#explainStart(error as NodeJS.ErrnoException);
    }
  }

  #explainStart(error: NodeJS.ErrnoException): { failure: Failure } {
    const [program] = this.#options.command;
    switch (error.code) {
      case 'ENOENT':
      case 'EACCES':
        return fail(
          'environment',
          'no-ssh',
          `${program} cannot be started: ${error.message}`,
          'Install OpenSSH (Debian: apt install openssh-client), or correct ERRAND_SSH.',
        );
      case 'E2BIG':
        return fail(
          'usage',
          'too-long',
          'the command is longer than a command line may be',
          'Give it on standard input: errand exec MACHINE -- sh -s < FILE',
        );
      default:
        throw error;
    }
  }

  /**
   * Nobody takes the command's output any more: without its ssh it meets a pipe without a reader, as it would here. Not so on
   * standard error, which an sshd holds as long as the connection lives: there the command gets the signal itself.
   */
  #giveUp(child: ChildProcess, lost: LostReader, status: number): void {
    this.#unread ??= status;
    const leave = (): void => void child.kill('SIGKILL');
    if (lost === 'stdout' || this.#pid === null) leave();
    else this.#signal(this.#pid, 'SIGPIPE').on('exit', leave).on('error', leave);
  }

  /** To every process of the command; a second signal gives up waiting for its end, and for a reader of its output. */
  #forward(child: ChildProcess, signal: NodeJS.Signals, again: boolean): void {
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (again || isOver || this.#pid === null) {
      child.kill('SIGKILL');
      this.#relay?.kill();
      return;
    }
    this.#signal(this.#pid, signal);
  }

  /** Over a channel of its own; returns what brings it there. */
  #signal(pid: number, signal: NodeJS.Signals): ChildProcess {
    const [program, ...args] = this.#options.quietly;
    const kill = quoteWords(['kill', '-s', signal.slice('SIG'.length), '--', `-${pid}`]);
    return spawn(program, [...args, kill], { env: this.#io.env, stdio: 'ignore', detached: true }).on('error', () => {});
  }
}
