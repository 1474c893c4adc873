import type { Running } from '../manager-port.ts';

/** What `systemctl show` is asked for. */
export const PROPERTIES = [
  'UnitFileState',
  'ActiveState',
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
    mainPid: pid === 0 ? null : pid,
    restarts: values.has('NRestarts') ? count('NRestarts') : null,
    says: values.get('StatusText') || null,
    since: since === null ? null : new Date(Math.round(since)).toISOString(),
    startedAtMs: pid === 0 ? null : at('ExecMainStartTimestampMonotonic'),
  };
}
