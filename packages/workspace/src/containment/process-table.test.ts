import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { startBystander } from '../rig/test-rig.ts';
import { identify, isAlive, parsePs, parseStat, readProcessTable, signalProcess } from './process-table.ts';

describe('the process table', () => {
  test('reads a stat line whose program name holds blanks and parentheses', () => {
    const fields = ['S', 7, 40, 41, ...Array(15).fill(0), 123456, 0];
    expect(parseStat(42, `42 (a) R (b c) ${fields.join(' ')}`)).toEqual({
      pid: 42,
      ppid: 7,
      pgid: 40,
      sid: 41,
      start: '123456',
      state: 'live',
    });
  });

  test('knows zombies and stopped processes', () => {
    const line = (state: string): string => `1 (x) ${state} ${Array(21).fill(0).join(' ')}`;
    expect(['Z', 'X', 'T', 't', 'R', 'D'].map((state) => parseStat(1, line(state))?.state)).toEqual([
      'dead',
      'dead',
      'stopped',
      'stopped',
      'live',
      'live',
    ]);
  });

  test('reads what ps prints on other systems', () => {
    expect(parsePs('  501   1   501 Ss   Fri Nov 20 09:06:33 2026\n  502 501   501 T    Fri Nov 20 09:06:34 2026\n')).toEqual([
      { pid: 501, ppid: 1, pgid: 501, sid: 501, state: 'live', start: 'Fri Nov 20 09:06:33 2026' },
      { pid: 502, ppid: 501, pgid: 501, sid: 501, state: 'stopped', start: 'Fri Nov 20 09:06:34 2026' },
    ]);
  });

  test('shows this process', () => {
    expect(readProcessTable()).toContainEqual(expect.objectContaining({ pid: process.pid, ppid: process.ppid, state: 'live' }));
  });
});

describe('signalling a process', () => {
  test('reaches the very process', async () => {
    const child = spawn('sleep', ['1000']);
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    expect(signalProcess(identify(child.pid as number), 'SIGTERM')).toBe(true);
    expect(await ended).toBe('SIGTERM');
  });

  test('never reaches a later process with the same id', () => {
    const bystander = startBystander();
    expect(signalProcess({ pid: bystander.pid, start: '1' }, 'SIGKILL')).toBe(false);
    expect(isAlive(bystander)).toBe(true);
  });

  test('never reaches this process, process 1, or a whole group', () => {
    for (const pid of [process.pid, 1, 0, -1, -process.pid]) expect(signalProcess(identify(pid), 'SIGKILL')).toBe(false);
  });
});
