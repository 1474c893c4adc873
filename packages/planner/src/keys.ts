import type { View } from './view.ts';
import { quote } from './words.ts';

/**
 * Every key that is taken, with who holds it. A key's ref without its claim still keeps others out, until it is swept.
 * Should several hold one key, the first by id is named, so that equal views give equal words.
 */
export function describeKeyHolders(view: View): Map<string, string> {
  const refs = [...view.keys.values()].map(({ value }) => ({ key: value.key, id: value.id, worker: value.worker }));
  const held = [...view.records.values()].flatMap(({ value }) =>
    value.state === 'waiting' || value.key === undefined ? [] : [{ key: value.key.name, id: value.id, worker: value.worker }],
  );
  const first = [...held, ...refs].sort((a, b) => (a.id === b.id ? 0 : a.id < b.id ? 1 : -1));
  return new Map(first.map(({ key, id, worker }) => [key, `${quote(id)} on ${quote(worker)}`]));
}
