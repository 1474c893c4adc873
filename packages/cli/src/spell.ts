/** `42s`, `3m 12s`, `1h 05m`, `2d 3h`: how long something has taken. */
export function spellElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m ${String(seconds % 60).padStart(2, '0')}s`;
  if (hours < 48) return `${hours}h ${String(minutes % 60).padStart(2, '0')}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `30m`, `90s`, `2h`: a limit, in the largest unit that needs no rest. */
export function spellLimit(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}

/** `20 s`, `3 min`, `2 h`, `5 d`: how long ago a moment (ISO 8601) was. */
export function spellAge(iso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(iso)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `14:05 UTC`; another day than today has its date. */
export function spellMoment(iso: string, nowMs: number): string {
  const time = new Date(iso).toISOString();
  const isToday = time.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10);
  return `${isToday ? time.slice(11, 16) : time.slice(0, 16).replace('T', ' ')} UTC`;
}

/** `2026-11-20 14:05:31 UTC` */
export function spellTime(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? iso : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 turn`, `2 turns` */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
