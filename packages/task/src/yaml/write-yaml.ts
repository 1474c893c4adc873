/**
 * A map as block YAML: one key per line, lists of maps one item per line, everything else in flow style on its key's line.
 * Written by hand because it is the one form that `readQuickYaml` reads; a test holds it to what the `yaml` package reads.
 * Keys without a value are left out.
 */
export function writeYaml(map: object): string {
  let text = '';
  for (const [key, value] of Object.entries(map)) {
    if (value === undefined) continue;
    if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
      text += `${writeKey(key)}:\n`;
      for (const item of value) text += `  - ${writeFlow(item)}\n`;
    } else {
      text += `${writeKey(key)}: ${writeFlow(value)}\n`;
    }
  }
  return text;
}

/** A value on one line; text that could be read as anything else is quoted, so an oid of digits stays text. */
export function writeFlow(value: unknown): string {
  if (typeof value === 'string') return isPlain(value) ? value : quote(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map(writeFlow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return pairs.length === 0 ? '{}' : `{ ${pairs.map(([key, inner]) => `${writeKey(key)}: ${writeFlow(inner)}`).join(', ')} }`;
  }
  return JSON.stringify(value);
}

const PLAIN = /^[\p{L}0-9](?:[\p{L}0-9 _./@+=()-]|:(?=[\p{L}0-9]))*$/u;
const KEYWORD = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

function isPlain(text: string): boolean {
  return PLAIN.test(text) && !text.endsWith(' ') && !KEYWORD.test(text) && Number.isNaN(Number(text)) && text.length <= 1000;
}

function writeKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) && !KEYWORD.test(key) ? key : quote(key);
}

/** JSON's escapes are YAML's too; the line separators that JSON leaves alone are not left to chance. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\uFEFF]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
