import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { HeardProcess } from '../rig/heard-process.ts';
import type { Host } from './host.ts';

/** A program that goes on for a while on a host. */
export class HostProcess extends HeardProcess {
  constructor(host: Host, command: readonly string[]) {
    const [program, ...args] = host.enter(command);
    super(spawn(program, args, { cwd: host.home, env: host.env, stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** At its keyboard. */
  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Ends it in good order and waits. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await this.ended;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.child;
    // What it has started may hold its output open for longer.
    const exited = exitCode === null && signalCode === null ? once(this.child, 'exit') : null;
    this.signal('SIGKILL');
    await exited;
  }
}
