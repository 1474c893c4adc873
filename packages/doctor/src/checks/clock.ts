import { classifyRemote } from '@errand/config';
import type { Check, CheckContext } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { runProgram } from '../run-program.ts';

/** So far apart two clocks may be. */
const TOLERANCE_MS = 2 * 60_000;

/** Is the clock of this machine right, by what others say the time is. */
export const clock: Check = {
  name: 'clock',
  limitMs: 20_000,
  look: async (context) => {
    const [theirs, synchronised] = await Promise.all([readTheirClocks(context), askForTimeService(context)]);
    return judgeClock(theirs, synchronised);
  },
};

/** The time on another clock, and how far this machine's is ahead of it; negative: behind. */
export interface OtherClock {
  whose: string;
  aheadMs: number;
  /** True for a time in the past, of which only one in the future tells something. */
  isOld: boolean;
}

/** `synchronised`: whether a time service sets this machine's clock; null where nobody knows. */
export function judgeClock(theirs: readonly OtherClock[], synchronised: boolean | null): Found[] {
  const wrong = theirs.find(({ aheadMs, isOld }) => (isOld ? -aheadMs : Math.abs(aheadMs)) > TOLERANCE_MS);
  if (wrong !== undefined) {
    const { whose, aheadMs } = wrong;
    return [
      {
        state: 'warning',
        what: `this machine's clock is ${spell(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${whose}`,
        why: 'no lease depends on it, but tasks with not_before and retries start at wrong times, and results bear a wrong one',
        remedy: 'Have the clock set by the network, on this machine or on that one:',
        command: 'sudo timedatectl set-ntp true',
      },
    ];
  }
  if (synchronised === false) {
    return [
      {
        state: 'note',
        what: 'the clock of this machine is not set by the network',
        remedy: 'Have it set:',
        command: 'sudo timedatectl set-ntp true',
      },
    ];
  }
  const compared = theirs.filter(({ isOld }) => !isOld).map(({ whose }) => whose);
  return ok(compared.length > 0 ? `the clock agrees with ${compared.join(' and ')}` : 'nothing says that the clock is wrong');
}

function spell(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2 * 1440 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

async function readTheirClocks(context: CheckContext): Promise<OtherClock[]> {
  const { machine, offline, now } = context;
  if (offline || !machine?.queue) return [];
  const servers = [machine.queue, ...(machine.ntfy ? [machine.ntfy.server] : [])].flatMap((url) => {
    const { kind } = classifyRemote(url);
    return kind === 'url' && /^https?:/i.test(url) ? [url] : [];
  });
  const dates = await Promise.all(servers.map((url) => askForDate(url, context.signal, now)));
  const look = await context.view();
  const beats: OtherClock[] = look?.ok
    ? [...look.view.workers.values()]
        .filter(({ value }) => value.machine !== machine.machine)
        .map(({ value }) => ({ whose: `the clock of ${value.machine}`, aheadMs: now() - Date.parse(value.at), isOld: true }))
    : [];
  return [...dates.flatMap((date) => date ?? []), ...beats];
}

/** A server says what time it is whatever it answers besides; the password in a URL is not sent. */
async function askForDate(url: string, signal: AbortSignal, now: () => number): Promise<OtherClock | null> {
  try {
    const { host, origin } = new URL(url);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const answer = await fetch(`${origin}/`, { method: 'HEAD', redirect: 'manual', signal: limit });
    const date = Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(date) ? null : { whose: `the clock of ${host}`, aheadMs: now() - date, isOld: false };
  } catch {
    return null; // Whether it answers is for other checks.
  }
}

async function askForTimeService({ env, signal }: CheckContext): Promise<boolean | null> {
  if (process.platform !== 'linux') return null;
  const shown = await runProgram('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
    env,
    signal,
    timeoutMs: 5_000,
  });
  if (!shown.ok) return null;
  const said = shown.stdout.trim();
  return said === 'yes' ? true : said === 'no' ? false : null;
}
