import type { ProgramEnd } from '../run-program.ts';
import type { ServiceHost } from '../service-host.ts';

export interface RecordingHost extends ServiceHost {
  /** Every program that was started, with its arguments, as one line. */
  calls: string[];
  /** What a program comes to that is not to succeed in silence: by how its line begins. */
  answers: Map<string, Partial<ProgramEnd>>;
}

/** A machine whose programs are only recorded. */
export function recordingHost(changes: Partial<ServiceHost> & Pick<ServiceHost, 'home'>): RecordingHost {
  const calls: string[] = [];
  const answers = new Map<string, Partial<ProgramEnd>>();
  return {
    platform: 'linux',
    uid: 1000,
    user: 'me',
    userUid: changes.uid ?? 1000,
    env: { PATH: '/usr/bin:/bin', HOME: changes.home },
    root: `${changes.home}/errand`,
    node: process.execPath,
    run: async (file, args) => {
      const line = [file, ...args].join(' ');
      calls.push(line);
      const answer = [...answers].find(([start]) => line.startsWith(start))?.[1];
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer };
    },
    ...changes,
    calls,
    answers,
  };
}
