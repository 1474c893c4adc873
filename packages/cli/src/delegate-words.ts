import { fail, type Failure } from './failure.ts';

/** An option, as far as reading an argument list goes. */
export interface KnownOption {
  names: readonly string[];
  takesValue: boolean;
}

/**
 * Puts options first and the machine and the words after `--`, so that words such as `-x` are text. Options are read up to
 * the first word of the text; one that is known and stands later is refused, since nobody can tell what was meant.
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
    const isText = words.length > 1;
    if (isText && option && arg.startsWith('--')) {
      const message = `\`${arg}\` stands after the text has begun`;
      const hint = 'Put options before the text. For a text with this in it, put the text in quotes, or `--` before the machine.';
      return fail('usage', 'option-after-text', message, hint);
    }
    if (isText || !arg.startsWith('-') || arg === '-' || (words.length === 1 && !option)) words.push(arg);
    else {
      options.push(arg);
      if (option?.takesValue && !arg.includes('=') && at + 1 < args.length) options.push(args[++at] ?? '');
    }
  }
  return { ok: true, args: [...options, '--', ...words] };
}
