import { expect, test } from 'vitest';
import { HandPusher } from './hand-pusher.ts';

const AT_ONCE = { handMs: 0, restMs: 0 };

/** The tries of a person whose pushes end with these exit codes, and who is told to end while the last of them is under way. */
function triesOf(exitCodes: readonly number[]): Promise<number[]> {
  const left = [...exitCodes];
  return new Promise((resolve) => {
    const pusher = new HandPusher(
      {
        pull: async () => {},
        write: async () => {},
        commit: async () => '',
        tryPush: async () => {
          const exitCode = left.shift() ?? 0;
          if (left.length === 0) resolve(pusher.end());
          return { exitCode, stdout: '', stderr: '' };
        },
      },
      AT_ONCE,
    );
    pusher.begin();
  });
}

test('each commit counts with its tries', async () => {
  expect(await triesOf([0, 1, 1, 0])).toEqual([1, 3]);
});

test('a commit that is not through when the others end counts with the tries that it had', async () => {
  expect(await triesOf([0, 1, 1, 1, 1])).toEqual([1, 4]);
  expect(await triesOf([1, 1, 1])).toEqual([3]);
});

test('one that did not get as far as its push does not count', async () => {
  const pusher = new HandPusher(
    {
      pull: async () => void pusher.end(),
      write: async () => {},
      commit: async () => '',
      tryPush: () => Promise.reject(new Error('pushes after the end')),
    },
    AT_ONCE,
  );
  pusher.begin();
  expect(await pusher.end()).toEqual([]);
});
