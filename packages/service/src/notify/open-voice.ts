import { sendBySystemdNotify } from './send-to-systemd.ts';
import { SystemdVoice } from './systemd-voice.ts';
import { takeNotifyEnvironment } from './take-environment.ts';

/**
 * The voice towards systemd, or null where this process is no service of its. Takes systemd's variables out of `env`. `onFailure` hears,
 * once, why nothing can be said.
 */
export function openVoice(env: NodeJS.ProcessEnv, onFailure: (why: string) => void): SystemdVoice | null {
  const given = takeNotifyEnvironment(env, process.pid);
  if (given === null) return null;
  return new SystemdVoice({ send: sendBySystemdNotify(given.socket, env.PATH ?? '', onFailure), watchdogMs: given.watchdogMs });
}
