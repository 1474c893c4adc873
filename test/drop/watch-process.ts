import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WatchEvent } from '@errand/checkout';
import type { Person } from '@errand/testing';
import { HeardProcess } from '../rig/heard-process.ts';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));
const EVENT = '{"at"';

/** `errand watch` as a process of its own, in a person's checkout. */
export class WatchProcess extends HeardProcess {
  constructor(person: Person, args: readonly string[] = [], env: Record<string, string> = {}) {
    const argv = [ERRAND, 'watch', '--json', '--settle', '1s', '--interval', '1s', ...args];
    super(spawn(process.execPath, argv, { cwd: person.dir, env: { ...person.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** All that it has told so far. */
  get events(): WatchEvent[] {
    const whole = this.stdout.split('\n').slice(0, -1);
    return whole.filter((line) => line.startsWith(EVENT)).map((line) => JSON.parse(line));
  }

  /** Whatever it said that is no event. */
  get said(): string {
    const lines = this.stdout.split('\n').filter((line) => !line.startsWith(EVENT));
    return lines.join('\n') + this.stderr;
  }

  /** The first event, past or future, of this type that fits; throws when the process ends without it. */
  tells<T extends WatchEvent['type']>(
    type: T,
    fits: (event: Extract<WatchEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<WatchEvent, { type: T }>> {
    const isMeant = (event: WatchEvent): event is Extract<WatchEvent, { type: T }> =>
      event.type === type && fits(event as Extract<WatchEvent, { type: T }>);
    return this.hears(() => this.events.find(isMeant) ?? null, type);
  }
}
