import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonSchemas } from './json-schemas.ts';

test.each(Object.entries(jsonSchemas()))(
  'config/schema/%s is what the code says (else: npm run schemas -w @errand/task)',
  (fileName, text) => {
    expect(readFileSync(new URL(`../../../config/schema/${fileName}`, import.meta.url), 'utf8')).toBe(text);
  },
);

test('the task schema allows x- keys and no other unknown ones', () => {
  const schema = JSON.parse(jsonSchemas()['task.schema.json'] ?? '') as { [key: string]: unknown };
  expect(schema.additionalProperties).toBe(false);
  expect(schema.patternProperties).toEqual({ '^x-': {} });
});
