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
  ['text may begin with a dash', 'pi -x --y', '-- pi -x --y'],
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

test.each(['pi --priorty 1 fix', 'pi x --prio 3', '--fiel a.md pi'])(
  'what is nearly an option is refused and named: %s',
  (given) => {
    expect(arrangeWords(given.split(' '), KNOWN)).toMatchObject({
      ok: false,
      failure: { kind: 'usage', code: 'unknown-option', hint: expect.stringMatching(/--priority|--file/) },
    });
  },
);
