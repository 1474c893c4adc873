import { execFile } from 'node:child_process';

/** Sends assignments (`READY=1`, `STATUS=…`) to systemd, one datagram for all of them; resolves when that is done or was given up. */
export type SendToSystemd = (assignments: readonly string[]) => Promise<void>;

const GIVE_UP_MS = 10_000;

/**
 * Node cannot send datagrams to a socket of the file system; systemd-notify can, and waits until systemd has read it, so that systemd still
 * finds the sender. What cannot be sent is told once, and systemd does what its unit says about silence.
 */
export function sendBySystemdNotify(socket: string, path: string, onFailure: (why: string) => void): SendToSystemd {
  let told = false;
  const tell = (error: Error | null): void => {
    if (error !== null && !told) onFailure(error.message.split('\n')[0] ?? '');
    told ||= error !== null;
  };
  return (assignments) =>
    new Promise((resolve) => {
      execFile(
        'systemd-notify',
        [...assignments],
        { env: { PATH: `${path}:/usr/bin:/bin`, NOTIFY_SOCKET: socket }, cwd: '/', timeout: GIVE_UP_MS, killSignal: 'SIGKILL' },
        (error) => {
          tell(error);
          resolve();
        },
      );
    });
}
