import type { z } from 'zod';
import { splitFrontMatter } from './front-matter.ts';
import { frontMatterSchema } from './front-matter-schema.ts';
import { writeYaml } from './yaml/write-yaml.ts';

/** Front matter as it is written: durations and dates are text. */
export type FrontMatterKeys = z.input<typeof frontMatterSchema>;

/** The text of a task file; plain where there is nothing to say but the prompt. */
export function renderTask(keys: FrontMatterKeys, prompt: string): string {
  const ordered = Object.keys(frontMatterSchema.shape).map((key) => [key, keys[key as keyof FrontMatterKeys]]);
  const yaml = writeYaml(Object.fromEntries(ordered));
  const body = prompt.endsWith('\n') ? prompt : `${prompt}\n`;
  // A prompt that starts with a rule would be taken for front matter.
  return yaml === '' && splitFrontMatter(body).kind === 'none' ? body : `---\n${yaml}---\n${body}`;
}
