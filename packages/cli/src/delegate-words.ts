import { hintAtOption } from './delegate-hints.ts';
import { type Failure, fail } from './failure.ts';

/** An option, as far as reading an argument list goes. */
export interface KnownOption {
  names: readonly string[];
  takesValue: boolean;
}

/**
 * Puts options first and the machine and the words after `--`, so that the words of `ls -la` are text. Options are read up to
 * the text, and again after a text that is one argument, as in `pi "fix it" --priority 1`. Among several words nobody can
 * tell whether `--json` is meant for errand: a long option of errand's is refused there, and everything else is text. A word
 * with a dash where only options can stand, and what is nearly an option right after the first word of the text, is refused
 * too: it would be run as text.
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
    const place = findPlace(words);
    if (!option && place !== 'among-words' && isBareDash(arg)) {
      const hint = hintAtOption(arg, known, words[0]);
      if (place === 'options-only' || hint.isNear)
        return fail('usage', 'unknown-option', `\`${arg}\` is no option of errand delegate`, hint.text);
    }
    if (place === 'among-words' && option && arg.startsWith('--'))
      return fail('usage', 'option-after-text', `\`${arg}\` stands among the words of the text`, HINT);
    if (option && (place === 'options-only' || (place === 'after-a-word' && arg.startsWith('--')))) {
      options.push(arg);
      if (option.takesValue && !arg.includes('=') && at + 1 < args.length) options.push(args[++at] ?? '');
    } else words.push(arg);
  }
  return { ok: true, args: [...options, '--', ...words] };
}

/**
 * What may come after the machine and these words: before the text, and after a text in quotes, which is whole, options alone;
 * after one bare word either options or more of the text; and then text.
 */
function findPlace([, first, ...more]: readonly string[]): 'options-only' | 'after-a-word' | 'among-words' {
  if (more.length > 0) return 'among-words';
  return first === undefined || /\s/.test(first) ? 'options-only' : 'after-a-word';
}

/** A word such as `-x`: `-` alone stands for standard input, and what has spaces was put in quotes to be text. */
function isBareDash(arg: string): boolean {
  return arg.startsWith('-') && arg !== '-' && !/\s/.test(arg);
}

const HINT = 'Put options before the text, or put the text in quotes. After `--` everything is text.';
