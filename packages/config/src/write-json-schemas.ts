import { writeFileSync } from 'node:fs';
import { configJsonSchemas } from './json-schema.ts';

// Run by `npm run schemas -w @errand/config`; a test compares what is committed.
for (const [fileName, text] of Object.entries(configJsonSchemas())) {
  writeFileSync(new URL(`../../../config/schema/${fileName}`, import.meta.url), text);
}
