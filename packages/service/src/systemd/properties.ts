import type { Running } from '../manager-port.ts';

/** What `systemctl show` is asked for. */
export const PROPERTIES = [
  'UnitFileState',
  'ActiveState',
  'SubState',
  'FragmentPath',
  'Environment',
  'MainPID',
  'NRestarts',
  'StatusText',
  'StateChangeTimestampMonotonic',
  'ExecMainStartTimestampMonotonic',
] as const;

/** Both clocks at the moment of the look: systemd's times are read on the one that nobody sets. */
export interface Now {
  monotonicMs: number;
  wallMs: number;
}

/** Reads the lines `Name=value` of `systemctl show`; nothing at all reads as a manager that does not answer. */
export function readProperties(text: string, { monotonicMs, wallMs }: Now): Running {
  const values = new Map(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const count = (name: (typeof PROPERTIES)[number]): number => Number(values.get(name)) || 0;
  const at = (name: (typeof PROPERTIES)[number]): number | null =>
    count(name) === 0 ? null : wallMs - (monotonicMs - count(name) / 1000);
  const pid = count('MainPID');
  const since = at('StateChangeTimestampMonotonic');
  return {
    enabled: /^(?:enabled|enabled-runtime|linked|alias)$/.test(values.get('UnitFileState') ?? ''),
    active: values.get('ActiveState') || 'unknown',
    // systemd counts from the last time that somebody started it.
    restarting:
      values.get('ActiveState') === 'activating' && (values.get('SubState') === 'auto-restart' || count('NRestarts') > 0),
    mainPid: pid === 0 ? null : pid,
    restarts: values.has('NRestarts') ? count('NRestarts') : null,
    says: values.get('StatusText') || null,
    since: since === null ? null : new Date(Math.round(since)).toISOString(),
    startedAtMs: pid === 0 ? null : at('ExecMainStartTimestampMonotonic'),
    unitPath: values.get('FragmentPath') || null,
    path: readPath(values.get('Environment') ?? ''),
  };
}

/** systemd shows assignments between spaces, those with a space in them between quotes. A PATH that holds other quotes is not guessed at. */
function readPath(environment: string): string | null {
  return (
    (/(?:^| )PATH=([^ "'\\$]+)(?= |$)/.exec(environment) ?? /(?:^| )"PATH=([^"'\\$]+)"(?= |$)/.exec(environment))?.[1] ?? null
  );
}
