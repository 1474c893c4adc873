/** The name of a machine, as it stands in tasks, records and refs. */
export const MACHINE_NAME = /^(?!any$)[a-z0-9][a-z0-9-]{0,62}$/;

/** How long the readable part of a generated id gets: an id is also a file name and a column in a table. */
const SLUG_CHARS = 48;
const SUFFIX_CHARS = 4;
/** Without 0, 1, i, l, o and u: nobody should mistake one for another, or meet a word. */
const SUFFIX_ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';

const ID_SHAPE = /^[a-z0-9][a-z0-9-]{0,79}$/;
/** Windows opens the device instead of the file, whatever the extension. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/** True for `con`, `nul`, `com1` and the other names that Windows keeps for devices. */
export function isDeviceName(name: string): boolean {
  return DEVICE_NAME.test(name.toLowerCase());
}

/** True for 1 to 80 characters of a-z, 0-9 and `-` that do not start with `-` and are no Windows device name. */
export function isTaskId(text: string): boolean {
  return ID_SHAPE.test(text) && !isDeviceName(text);
}

/** An id made of the title's words and a random suffix; `random` gives numbers in [0, 1). */
export function newTaskId(title: string, random: () => number): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_CHARS; i += 1) suffix += SUFFIX_ALPHABET.charAt(Math.floor(random() * SUFFIX_ALPHABET.length));
  return `${slugOf(title)}-${suffix}`;
}

/** The closest valid spelling of a file name's stem, for a hint: `Fix Login` gives `fix-login`. */
export function slugOf(title: string): string {
  const words = title
    .slice(0, 1000)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let slug = (words.shift() ?? 'task').slice(0, SLUG_CHARS);
  for (const word of words) {
    if (slug.length + 1 + word.length > SLUG_CHARS) break;
    slug += `-${word}`;
  }
  return slug;
}
