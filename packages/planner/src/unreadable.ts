import type { View } from './view.ts';
import type { Waiting } from './waiting.ts';
import { quote } from './words.ts';

/** Whether there is a ref of this kind and name that this version cannot read: nobody touches it. */
export function isUnreadable(view: View, kind: 'tasks' | 'workers', name: string): boolean {
  return view.unreadable.has(`refs/errand/${kind}/${name}`);
}

/** The wait of a task whose record this version cannot read, or null. */
export function findUnreadableRecord(view: View, id: string): Waiting | null {
  const found = view.unreadable.get(`refs/errand/tasks/${id}`);
  return found === undefined
    ? null
    : { kind: 'unreadable', text: `its record cannot be read (${found.reason}): update errand here` };
}

/** The wait of a task with a key while some key's holder cannot be read: it may be this one. */
export function findUnreadableKey(view: View, key: string): Waiting | null {
  const ref = [...view.unreadable.keys()].filter((name) => name.startsWith('refs/errand/keys/')).sort()[0];
  if (ref === undefined) return null;
  const reason = view.unreadable.get(ref)?.reason ?? '';
  const text = `waits for the key ${quote(key)}: who holds ${quote(ref)} cannot be read (${reason}); update errand here`;
  return { kind: 'key', text };
}
