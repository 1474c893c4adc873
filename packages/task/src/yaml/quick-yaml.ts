/**
 * The part of YAML that most front matter and every record is written in: one `key: value` per line, values on that
 * line or as a list of ` - ` lines below. It is read some twenty times faster than by the `yaml` package, which matters when
 * a view holds hundreds of files. Whatever it is not sure of it gives up (`null`), and the real reader decides:
 * the two must never differ, which a property test checks.
 */
export function readQuickYaml(text: string): { [key: string]: unknown } | null {
  const map: { [key: string]: unknown } = {};
  let list: unknown[] | null = null;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('  - ')) {
      const item = list === null ? null : readWhole(line.slice(4));
      if (list === null || item === null) return null;
      list.push(item.value);
      continue;
    }
    const [, key, rest] = KEY_LINE.exec(line) ?? [];
    // A key with nothing below it has no value at all: a case for the real reader.
    if (list?.length === 0) return null;
    if (key === undefined || UNSURE_WORD.test(key) || Object.hasOwn(map, key)) return null;
    if (rest === undefined) {
      list = [];
      map[key] = list;
      continue;
    }
    list = null;
    const value = readWhole(rest);
    if (value === null) return null;
    map[key] = value.value;
  }
  return list?.length === 0 ? null : map;
}

const KEY_LINE = /^([A-Za-z_][A-Za-z0-9_-]*):(?: +(?=\S)([^\n]*))?$/;
const UNSURE_WORD = /^(?:null|true|false|nan|inf|__proto__)$/i;
const FLOW_KEY = /([A-Za-z_][A-Za-z0-9_-]*): +/y;
const QUOTED = /"(?:[^"\\\p{Cc}]|\\.)*"/uy;
const PLAIN = /[\p{L}0-9-](?:[\p{L}\p{N} _./@+%=;!?()$&*<>'"-]|:(?=[\p{L}0-9]))*/uy;
const COMMENT_OR_END = /^ *$|^ +#\P{Cc}*$/u;
const SPACES = / */y;
const MAX_NESTING = 8;

interface Read {
  value: unknown;
  end: number;
}

function readWhole(text: string): Read | null {
  const read = readValue(text, 0, 0);
  return read !== null && COMMENT_OR_END.test(text.slice(read.end)) ? read : null;
}

function readValue(text: string, at: number, nesting: number): Read | null {
  if (nesting > MAX_NESTING) return null;
  switch (text[at]) {
    case '[':
      return readItems(text, at + 1, nesting, ']');
    case '{':
      return readItems(text, at + 1, nesting, '}');
    case '"': {
      const quoted = match(QUOTED, text, at);
      return quoted === null ? null : unquote(quoted, at + quoted.length);
    }
    default: {
      const plain = match(PLAIN, text, at)?.trimEnd();
      return plain === undefined ? null : resolve(plain, at + plain.length);
    }
  }
}

function readItems(text: string, start: number, nesting: number, close: ']' | '}'): Read | null {
  const items: unknown[] = [];
  const map: { [key: string]: unknown } = {};
  let at = skipSpaces(text, start);
  while (text[at] !== close) {
    let key: string | undefined;
    if (close === '}') {
      const found = match(FLOW_KEY, text, at);
      key = found?.slice(0, found.indexOf(':'));
      if (found === null || key === undefined || UNSURE_WORD.test(key) || Object.hasOwn(map, key)) return null;
      at += found.length;
    }
    const item = readValue(text, at, nesting + 1);
    if (item === null) return null;
    if (key === undefined) items.push(item.value);
    else map[key] = item.value;
    at = skipSpaces(text, item.end);
    if (text[at] === ',') at = skipSpaces(text, at + 1);
    else if (text[at] !== close) return null;
  }
  return { value: close === ']' ? items : map, end: at + 1 };
}

/** A plain word as the YAML 1.2 core schema sees it; null for every spelling that needs a second look. */
function resolve(plain: string, end: number): Read | null {
  if (plain === 'true' || plain === 'false') return { value: plain === 'true', end };
  if (/^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/.test(plain)) return plain.startsWith('-0') ? null : { value: Number(plain), end };
  const unsure = plain === '' || plain.startsWith('-') || UNSURE_WORD.test(plain) || !Number.isNaN(Number(plain));
  return unsure ? null : { value: plain, end };
}

function unquote(quoted: string, end: number): Read | null {
  try {
    return { value: JSON.parse(quoted) as unknown, end };
  } catch {
    return null;
  }
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function skipSpaces(text: string, at: number): number {
  return at + (match(SPACES, text, at)?.length ?? 0);
}
