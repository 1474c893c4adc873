import { describe, expect, test } from 'vitest';
import { findTree } from './grip-tree.ts';
import type { ProcessRow } from './process-table.ts';

function row(pid: number, ppid: number, sid: number, more: Partial<ProcessRow> = {}): ProcessRow {
  return { pid, ppid, sid, pgid: sid, start: `t${pid}`, state: 'live', ...more };
}

const root = { pid: 100, start: 't100' };
const strangers = [row(1, 0, 1), row(50, 1, 50), row(51, 50, 50)];
const find = (table: ProcessRow[], sessions: number[] = []): number[] =>
  findTree([...strangers, ...table], [root], new Set(sessions))
    .map(({ pid }) => pid)
    .sort();

describe('the processes of a tree', () => {
  test('are the descendants, whatever session they are in', () => {
    expect(find([row(100, 50, 100), row(101, 100, 100), row(102, 101, 102)])).toEqual([100, 101, 102]);
  });

  test('are orphans in the session too, and what comes of them', () => {
    expect(find([row(100, 50, 100), row(103, 1, 100), row(104, 103, 104), row(105, 1, 104)])).toEqual([100, 103, 104, 105]);
  });

  test('are in the session still when its leader is gone', () => {
    expect(find([row(103, 1, 100)], [100])).toEqual([103]);
  });

  test('are not in a session whose id was given to a stranger', () => {
    expect(find([row(100, 1, 100, { start: 'later' }), row(103, 100, 100)], [100])).toEqual([]);
  });

  test('are none when nothing is known to live', () => {
    expect(find([row(103, 1, 100)])).toEqual([]);
  });

  test('hang together through zombies, which are none themselves', () => {
    expect(find([row(100, 50, 100, { state: 'dead' }), row(101, 100, 101)])).toEqual([101]);
  });

  test('never include this process or its session', () => {
    const own = row(process.pid, 100, 60);
    const table = [row(100, 50, 100), own, row(61, 1, 60)];
    expect(find(table)).toEqual([100]);
  });
});
