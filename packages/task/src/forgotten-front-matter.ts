import { frontMatterSchema } from './front-matter-schema.ts';

const FIRST_KEY = /^\uFEFF?(?:[ \t]*\r?\n)*([a-z_]+):(?![^\s])/;

/**
 * Whether a text begins with a line such as `machine: pi` and no `---` before it. It is a task like any other, and its keys mean
 * nothing: worth a warning.
 */
export function looksLikeFrontMatter(text: string): boolean {
  const key = FIRST_KEY.exec(text)?.[1];
  return key !== undefined && Object.hasOwn(frontMatterSchema.shape, key);
}
