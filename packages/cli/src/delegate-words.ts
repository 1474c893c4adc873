import { nearestOf } from '@errand/task';
import { type Failure, fail } from './failure.ts';

/** An option, as far as reading an argument list goes. */
export interface KnownOption {
  names: readonly string[];
  takesValue: boolean;
}

/**
 * Puts options first and the machine and the words after `--`, so that words such as `-x` are text. Options are read up to
 * the text, and again after a text that is one argument, as in `pi "fix it" --priority 1`. Among several words nobody can
 * tell whether `--json` is meant for errand: a long option of errand's is refused there, and everything else is text. What
 * is nearly an option, before the text or after its first argument, is refused too: it would be run as text.
 */
export function arrangeWords(
  args: readonly string[],
  known: readonly KnownOption[],
): { ok: true; args: string[] } | { ok: false; failure: Failure } {
  const options: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      words.push(...args.slice(at + 1));
      break;
    }
    const option = known.find(({ names }) => names.includes(arg.replace(/^(--[^=]+)=.*$/s, '$1')));
    const meant = option || words.length > 2 ? null : findMeant(arg, known);
    if (meant !== null) {
      const hint = `Did you mean \`${meant}\`? If it is part of the text, put the text in quotes, or \`--\` before it.`;
      return fail('usage', 'unknown-option', `\`${arg}\` is no option of errand delegate`, hint);
    }
    if (words.length > 2 && option && arg.startsWith('--'))
      return fail('usage', 'option-after-text', `\`${arg}\` stands among the words of the text`, HINT);
    const isText =
      words.length > 2 ||
      !arg.startsWith('-') ||
      arg === '-' ||
      (words.length > 0 && !option) ||
      (words.length === 2 && !arg.startsWith('--'));
    if (isText) words.push(arg);
    else {
      options.push(arg);
      if (option?.takesValue && !arg.includes('=') && at + 1 < args.length) options.push(args[++at] ?? '');
    }
  }
  return { ok: true, args: [...options, '--', ...words] };
}

/** The option that a word was nearly, or began: `--priorty`, `--prio`. */
function findMeant(arg: string, known: readonly KnownOption[]): string | null {
  if (!/^--[a-z]{3}/.test(arg)) return null;
  const long = known.flatMap(({ names }) => names.filter((name) => name.startsWith('--')));
  const name = arg.replace(/=.*$/s, '');
  return long.find((one) => one.startsWith(name)) ?? nearestOf(name, long);
}

const HINT = 'Put options before the text, or put the text in quotes. After `--` everything is text.';
