import { expect, test } from 'vitest';
import { rejoinWords } from './rejoin-words.ts';

test.each([
  ['an address over ssh', ['--queue', 'git', '@', 'host', ':', 'q.git', 'sta'], ['--queue', 'git@host:q.git', 'sta']],
  ['a URL', ['delegate', '--queue', 'file', ':', '///srv/q.git', ''], ['delegate', '--queue', 'file:///srv/q.git', '']],
  ['one behind =', ['--queue', '=', 'pi', ':', 'q', 'st'], ['--queue', '=', 'pi:q', 'st']],
  ['one that is half typed', ['--queue', 'pi', ':'], ['--queue', 'pi:']],
  ['one with a space after it', ['--queue', 'pi', ':', ''], ['--queue', 'pi:', '']],
  ['what no shell has parted', ['list', '--state=done', 'pi:q'], ['list', '--state=done', 'pi:q']],
])('%s is whole again', (_title, words, joined) => {
  expect(rejoinWords(words)).toEqual(joined);
});
