const STRING_SEQUENCE = String.raw`\u001b[PX^_\]][^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?`;
const CONTROL_SEQUENCE = String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?`;
const OTHER_SEQUENCE = String.raw`\u001b[ -/]*[0-~]?`;
const SEQUENCES = new RegExp(`${STRING_SEQUENCE}|${CONTROL_SEQUENCE}|${OTHER_SEQUENCE}`, 'g');
/** Overrides of the direction of writing: text with them reads otherwise than it is. */
const OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/g;

/** Text of others that cannot steer the terminal: of what is not printed, only newlines and tabs stay. */
export function plainText(text: string): string {
  return text
    .replace(SEQUENCES, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .replace(OVERRIDES, '');
}
