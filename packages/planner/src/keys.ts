import type { View } from './view.ts';
import { quote } from './words.ts';

/** Every key that is taken, with who holds it. A key's ref without its claim still keeps others out, until it is swept. */
export function describeKeyHolders(view: View): Map<string, string> {
  const holders = new Map<string, string>();
  for (const { value } of view.keys.values()) holders.set(value.key, `${quote(value.id)} on ${quote(value.worker)}`);
  for (const { value } of view.records.values()) {
    if (value.state !== 'waiting' && value.key !== undefined) {
      holders.set(value.key.name, `${quote(value.id)} on ${quote(value.worker)}`);
    }
  }
  return holders;
}
