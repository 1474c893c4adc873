import { expect, test } from 'vitest';
import { describeHouse } from './render-maintained.ts';

const HOUSE: Parameters<typeof describeHouse>[1] = {
  kind: 'done',
  rows: [
    { kind: 'workspaces', count: 3, bytes: 40 * 2 ** 20, gone: 1, goneBytes: 2 ** 20 },
    { kind: 'clones', count: 1, bytes: 2 ** 20, gone: 0, goneBytes: 0 },
  ],
  lost: [],
  stuck: [],
  tooMuchBytes: null,
  lackingBytes: null,
  more: false,
};

test('what is kept is a table where there is room for one, and fits a narrow terminal too', () => {
  const show = (columns: number): string[] => {
    const options = { renewal: null, dryRun: false, keep: { sizeBytes: 0 } as never, columns };
    return describeHouse('/home/me/.local/state/errand', HOUSE, options).split('\n');
  };
  expect(show(100)[0]).toMatch(/^ {2}\/home\/me\/\.local\/state\/errand {2}there was +is gone$/);
  expect(show(40).filter((line) => line.length > 40)).toEqual([]);
  expect(show(40).join(' ').replace(/ +/g, ' ')).toContain('there was 3, 40 MiB · 1, 1.0 MiB is gone');
});

test('a disk that others have filled is told as that, with what to do, and not as too much of ours', () => {
  const options = { renewal: null, dryRun: false, keep: { sizeBytes: 2 ** 30 } as never, columns: 1000 };
  const said = describeHouse('/s', { ...HOUSE, lackingBytes: 120 * 2 ** 20 }, options);
  expect(said).toContain('the disk lacks 120 MiB that a worker needs free');
  expect(said).toContain('delete what other programs keep on it');
  expect(said).not.toContain('keep.size');
});
