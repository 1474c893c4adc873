const SHAPE = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Milliseconds since 1970 of a date or a date and time, or null where the text is none or names a day that does not exist.
 * Without a zone it is UTC: machines in several zones must agree on what a file says.
 */
export function parseInstant(text: string): number | null {
  const parts = SHAPE.exec(text.trim());
  if (parts === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = parts;
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const spelled = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  // Date.UTC turns February 30 into March 2, and year 50 into 1950.
  if (!Number.isFinite(at) || new Date(at).toISOString().slice(0, 19) !== spelled) return null;
  const offset = zoneMs(zone);
  return offset === null ? null : at + Number(fraction.padEnd(3, '0').slice(0, 3)) - offset;
}

function zoneMs(zone: string): number | null {
  if (zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
