import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ClaudeVersion, claudeEnv, mustHaveClaude } from '@errand/testing';

/** One line of `--output-format stream-json`. */
export interface ClaudeEvent {
  type: string;
  [key: string]: unknown;
}

export interface ClaudeEnd {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stderr: string;
  /** The last event, if it is a result. */
  result: ClaudeEvent | undefined;
}

const ARGS = ['-p', '--output-format', 'stream-json', '--verbose', '--strict-mcp-config', '--setting-sources', 'user'];

/** A real Claude Code at work in `<folder>/cwd`; killed, if it still runs, at the end of the scope. */
export class ClaudeRun implements AsyncDisposable {
  readonly events: ClaudeEvent[] = [];
  readonly ended: Promise<ClaudeEnd>;
  readonly #child: ChildProcessWithoutNullStreams;
  #over = false;
  #waiting: (() => void)[] = [];

  constructor(
    version: ClaudeVersion,
    api: { url: string },
    folder: string,
    options: { args?: readonly string[]; env?: Record<string, string | undefined>; prompt?: string } = {},
  ) {
    const cwd = join(folder, 'cwd');
    mkdirSync(cwd, { recursive: true });
    const env = { ...claudeEnv(api, folder), ...options.env };
    const args = [...ARGS, '--model', 'claude-sonnet-5-5', ...(options.args ?? [])];
    this.#child = spawn(mustHaveClaude(version), args, { cwd, env, stdio: 'pipe' });
    this.#child.stdin.on('error', () => {});
    this.#child.stdin.end(options.prompt ?? 'Do the task.');
    this.ended = this.#follow();
  }

  /** The first event that matches, also one of before; throws if Claude Code ends without it. */
  async waitFor(matches: (event: ClaudeEvent) => boolean): Promise<ClaudeEvent> {
    for (;;) {
      const found = this.events.find(matches);
      if (found !== undefined) return found;
      if (this.#over) throw new Error(`Claude Code ended, and said only ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #follow(): Promise<ClaudeEnd> {
    let stderr = '';
    let line = '';
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (line + chunk).split('\n');
      line = lines.pop() ?? '';
      this.events.push(...lines.map((whole) => JSON.parse(whole) as ClaudeEvent));
      this.#wake();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    return new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (exitCode) => {
        this.#over = true;
        this.#wake();
        const last = this.events.at(-1);
        resolve({ exitCode, stderr, result: last?.type === 'result' ? last : undefined });
      });
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
