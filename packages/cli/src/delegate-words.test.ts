import { expect, test } from 'vitest';
import { arrangeWords } from './delegate-words.ts';

const KNOWN = [
  { names: ['-f', '--file'], takesValue: true },
  { names: ['--priority'], takesValue: true },
  { names: ['--json'], takesValue: false },
];

test.each([
  ['options may stand before the machine', '--priority 1 pi fix it', '--priority 1 -- pi fix it'],
  ['options may stand between the machine and the text', 'pi -f task.md', '-f task.md -- pi'],
  ['a value may follow an equals sign', 'pi --priority=1 fix it', '--priority=1 -- pi fix it'],
  ['words that are no options of errand are text', 'pi ls -la --color', '-- pi ls -la --color'],
  ['after -- text may begin with a dash', 'pi -- -x --y', '-- pi -x --y'],
  ['what follows the first word is text with its dashes', 'pi tail -n 1 -w log', '-- pi tail -n 1 -w log'],
  ['a short option after the text is text', 'pi grep -f x', '-- pi grep -f x'],
  ['a text in one argument may be followed by options', 'pi uptime --json --priority 2', '--json --priority 2 -- pi uptime'],
  ['a dash alone is no option', 'pi -', '-- pi -'],
  ['after -- everything is text', '-- pi ls --json x', '-- pi ls --json x'],
  ['-- may also follow the machine', 'pi -- --json', '-- pi --json'],
])('%s', (_title, given, arranged) => {
  expect(arrangeWords(given.split(' '), KNOWN)).toEqual({ ok: true, args: arranged.split(' ') });
});

test('an option of errand among several words is refused, since nobody can tell for whom it is', () => {
  expect(arrangeWords(['pi', 'npm', 'test', '--json'], KNOWN)).toMatchObject({
    ok: false,
    failure: { kind: 'usage', code: 'option-after-text' },
  });
});

test('a text in quotes is whole: it may begin with a dash, and options follow it', () => {
  const text = '- buy milk';
  expect(arrangeWords(['pi', text, '-f', 'x', '--json'], KNOWN)).toEqual({
    ok: true,
    args: ['-f', 'x', '--json', '--', 'pi', text],
  });
});

test.each([
  ['any --tier hiaku x', '--tier', 'Did you mean `--model`?'],
  ['--tier hiaku any x', '--tier', 'Did you mean `--model`?'],
  ['any x --tier hiaku', '--tier', 'Did you mean `--model`?'],
  ['pi --watch uptime', '--watch', 'Did you mean `--wait`?'],
  ['pi -w uptime', '-w', 'Did you mean `--wait`?'],
  ['pi -rf uptime', '-rf', 'errand delegate --help lists the options.'],
  ['pi -ftask.md', '-ftask.md', 'Did you mean `-f`?'],
  ['pi --prompt=uptime', '--prompt=uptime', 'it is the words after the machine.'],
])('a word with a dash where no text has begun is refused, with what to type instead: %s', (given, word, hint) => {
  expect(arrangeWords(given.split(' '), KNOWN)).toMatchObject({
    ok: false,
    failure: {
      code: 'unknown-option',
      message: `\`${word}\` is no option of errand delegate`,
      hint: expect.stringContaining(hint),
    },
  });
});

test('after a text in quotes an unknown option is refused too, and the hint says how to file it as text', () => {
  const arranged = arrangeWords(['pi', 'fix the login', '-x'], KNOWN);
  expect(arranged).toMatchObject({
    ok: false,
    failure: { hint: expect.stringContaining('put `--` before the text: errand delegate pi -- …') },
  });
});

test.each(['pi --priorty 1 fix', 'pi x --prio 3', '--fiel a.md pi'])(
  'what is nearly an option is refused and named: %s',
  (given) => {
    expect(arrangeWords(given.split(' '), KNOWN)).toMatchObject({
      ok: false,
      failure: { kind: 'usage', code: 'unknown-option', hint: expect.stringMatching(/--priority|--file/) },
    });
  },
);
