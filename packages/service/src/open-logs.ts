import { userInfo } from 'node:os';
import { chooseManager } from './choose-manager.ts';
import { refuseWithoutManager } from './refuse-without-manager.ts';
import type { ServiceHost } from './service-host.ts';
import { type Done, refuse, type ServiceScope } from './service-state.ts';

export interface LogRequest {
  host: ServiceHost;
  scope: ServiceScope;
  lines: number;
  follow: boolean;
  /** Ends the following. */
  signal: AbortSignal;
  /** Hears what the worker said, in pieces. */
  hear(text: string): void;
}

/** Shows what the worker said as a service, from wherever its manager keeps it. Resolves at the end, or when the signal ends it. */
export async function openLogs({ host, scope, lines, follow, signal, hear }: LogRequest): Promise<Done> {
  const port = chooseManager(host, scope);
  if (port === null) return refuseWithoutManager(host, 'logs');
  const [file, ...args] = port.logs(lines, follow);
  const { execa } = await import('execa');
  const showing = execa(file, args, {
    env: { ...host.env, SYSTEMD_PAGER: '' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    buffer: { stdout: false, stderr: true },
    cancelSignal: signal,
  });
  showing.stdout.setEncoding('utf8').on('data', hear);
  const end = await showing;
  if (end.exitCode === 0 || end.isCanceled) return { ok: true };
  const command = [file, ...args].join(' ');
  if (/not seeing messages|insufficient permissions|No journal files/i.test(end.stderr)) {
    const hint = `Join who may: sudo usermod -aG systemd-journal ${userInfo().username}, and log in again. Or, for once: sudo ${command}`;
    return refuse('no-logs', 'this user may not read the journal', hint);
  }
  const said = (end.stderr || end.shortMessage || '').trim().split('\n')[0] ?? '';
  return refuse('no-logs', `${file} showed nothing: ${said}`, `Try it yourself: ${command}`);
}
