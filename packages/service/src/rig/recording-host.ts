import type { ProgramEnd } from '../run-program.ts';
import type { ServiceHost } from '../service-host.ts';

export interface RecordingHost extends ServiceHost {
  /** Every program that was started, with its arguments, as one line. */
  calls: string[];
  /** What a program comes to that is not to succeed in silence: by how its line begins. Of a row, each once and the last for good. */
  answers: Map<string, Partial<ProgramEnd> | Partial<ProgramEnd>[]>;
}

/** A machine whose programs are only recorded. */
export function recordingHost(changes: Partial<ServiceHost> & Pick<ServiceHost, 'home'>): RecordingHost {
  const calls: string[] = [];
  const answers: RecordingHost['answers'] = new Map();
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
      const found = [...answers].find(([start]) => line.startsWith(start))?.[1];
      const answer = Array.isArray(found) && found.length > 1 ? found.shift() : [found].flat()[0];
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer };
    },
    ...changes,
    calls,
    answers,
  };
}
