import { spellAge, spellMoment } from '../spell.ts';
import type { MachineLine } from './describe-machines.ts';

/** Since when and why a machine is not there; nothing of one that is online. */
export function describeAbsence({ presence, seen_at: seen }: Pick<MachineLine, 'presence' | 'seen_at'>, nowMs: number): string {
  const ago = seen === null ? '' : ` ${spellAge(seen, nowMs)} ago, at ${spellMoment(seen, nowMs)}`;
  switch (presence) {
    case 'online':
      return '';
    case 'silent':
      return `last heard of${ago}`;
    case 'stopped':
      return `stopped${ago}`;
    case 'given-up':
      return `given up${ago}: it fell silent, and others took over what it ran`;
    case 'unseen':
      return 'never seen: start errand worker there';
    case 'unreadable':
      return 'its heartbeat cannot be read here';
  }
}

/** `claude limited until 14:05 UTC (five_hour limit)`, for each agent that is not used there at the moment. */
export function describePauses({ agents }: Pick<MachineLine, 'agents'>, nowMs: number): string[] {
  return agents.flatMap(({ name, paused_until: until, reason }) => {
    if (until === null) return [];
    const verb = reason !== null && /limit/i.test(reason) ? 'limited' : 'paused';
    return [`${name} ${verb} until ${spellMoment(until, nowMs)}${reason === null ? '' : ` (${reason})`}`];
  });
}
