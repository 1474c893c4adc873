import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Chaos, type ChaosOptions } from './chaos.ts';
import { playAndKeep } from './keep-evidence.ts';

const OPTIONS = { seed: 7, seconds: 60, tasks: 300 };
let folder = '';

/** A run that breaks. */
function breakWith(error: Error): void {
  vi.spyOn(Chaos, 'play').mockImplementation((options: ChaosOptions) => {
    folder = options.folder;
    return Promise.reject(error);
  });
}

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

test('a run that breaks is not clean, and its folder stays with a report of why', async () => {
  breakWith(new Error('no server came'));
  const { clean, text } = await playAndKeep(OPTIONS);
  expect(clean).toBe(false);
  expect(text).toContain(folder);
  expect(readFileSync(join(folder, 'report.md'), 'utf8')).toMatch(/seed 7: it came to no end\.\n\nError: no server came\n +at /);
});

test.each([[false], [true]])(
  'of one that is broken off by its signal the folder stays only where it is to be kept: %s',
  async (keep) => {
    breakWith(new Error('ended by SIGTERM'));
    const { clean } = await playAndKeep({ ...OPTIONS, signal: AbortSignal.abort() }, keep);
    expect([clean, existsSync(folder)]).toEqual([false, keep]);
  },
);
