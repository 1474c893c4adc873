import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Fault } from './scan-yaml.ts';

/** Where keys and values stand, by path: offsets into the text. */
export interface Places {
  /** Offset of the key at the path, or of its value where it is an item of a list; falls back to what surrounds it. */
  key(path: readonly PropertyKey[]): number;
  /** Offset of the value at the path. */
  value(path: readonly PropertyKey[]): number;
}

interface Spot {
  key: number;
  value: number;
  children: Map<PropertyKey, Spot>;
}

/** Nodes to plain data, and the faults that YAML allows but these files do not: aliases, tags, a key given twice. */
export function readNodes(root: Node | null): { value: unknown; faults: Fault[]; places: Places } {
  const faults: Fault[] = [];
  const top: Spot = { key: 0, value: startOf(root), children: new Map() };
  const value = root === null ? null : readNode(root, top, faults);
  const find = (path: readonly PropertyKey[]): Spot => {
    let spot = top;
    for (const step of path) {
      const next = spot.children.get(step);
      if (next === undefined) return spot;
      spot = next;
    }
    return spot;
  };
  return { value, faults, places: { key: (path) => find(path).key, value: (path) => find(path).value } };
}

function readNode(node: Node, spot: Spot, faults: Fault[]): unknown {
  if (isAlias(node) || node.anchor !== undefined) {
    const message = isAlias(node) ? `\`*${node.source}\` is a YAML alias` : `\`&${node.anchor}\` is a YAML anchor`;
    faults.push({ offset: startOf(node), code: 'yaml-alias', message, hint: 'Write the value itself.' });
  }
  if (isAlias(node)) return null;
  if (node.tag !== undefined) {
    const message = `\`${node.tag.replace('tag:yaml.org,2002:', '!!')}\` is a YAML tag`;
    faults.push({ offset: startOf(node), code: 'yaml-tag', message, hint: 'Delete the tag; quote the value if it is text.' });
  }
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item, index) => readChild(index, startOf(item as Node), item as Node, spot, faults));
  if (!isMap(node)) return null;
  const map: { [key: string]: unknown } = {};
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    const offset = startOf(pair.key);
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (isScalar(pair.key) && (pair.key.anchor !== undefined || pair.key.tag !== undefined)) readNode(pair.key, spot, faults);
    if (spot.children.has(key)) {
      const message = `\`${key}\` is given twice`;
      faults.push({ offset, code: 'duplicate-key', message, hint: 'Keep one of the two lines.' });
      continue;
    }
    const value = readChild(key, offset, pair.value, spot, faults);
    if (key !== '__proto__') map[key] = value;
    // A schema would pass over it in silence.
    else faults.push({ offset, code: 'unknown-key', message: '`__proto__` is not a known key', hint: 'Delete it.' });
  }
  return map;
}

function readChild(step: PropertyKey, keyOffset: number, node: Node | null, parent: Spot, faults: Fault[]): unknown {
  const spot: Spot = { key: keyOffset, value: node === null ? keyOffset : startOf(node), children: new Map() };
  parent.children.set(step, spot);
  return node === null ? null : readNode(node, spot, faults);
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
