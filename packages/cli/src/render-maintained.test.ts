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
