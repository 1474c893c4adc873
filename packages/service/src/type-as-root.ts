import { join } from 'node:path';
import { type Done, refuse, type ServiceScope } from './service-state.ts';

interface Asker {
  uid: number;
  root: string;
}

/** What to type for the machine's service: root's PATH seldom has errand on it. */
export function typeAsRoot({ root }: Pick<Asker, 'root'>, verb: string): string {
  return `sudo ${quoteWord(join(root, 'scripts', 'errand'))} service ${verb} --system`;
}

/** A word as a shell reads it back. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Only root changes the machine's service. */
export function refuseWithoutRoot(asker: Asker, scope: ServiceScope, verb: string): Done {
  if (scope === 'user' || asker.uid === 0) return { ok: true };
  return refuse('needs-root', "the machine's service belongs to root", `Run ${typeAsRoot(asker, verb)}`);
}
