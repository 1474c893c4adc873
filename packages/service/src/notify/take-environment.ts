/** What systemd gave this process to talk to it by. */
export interface NotifyEnvironment {
  socket: string;
  /** Within this time, milliseconds, it must be heard of; null where nobody watches. */
  watchdogMs: number | null;
}

/**
 * Takes systemd's variables out of `env`, so that no program that is started later speaks in this one's name by accident. Null where this
 * process is no service of systemd's that is asked to speak. See sd_notify(3), sd_watchdog_enabled(3).
 */
export function takeNotifyEnvironment(env: NodeJS.ProcessEnv, pid: number): NotifyEnvironment | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (!socket || !/^[/@]/.test(socket)) return null;
  const isForMe = watched === undefined || watched === String(pid);
  const watchdogMs = isForMe && /^[1-9][0-9]*$/.test(usec ?? '') ? Number(usec) / 1000 : null;
  return { socket, watchdogMs };
}
