import { writeFileSync } from 'node:fs';
import { jsonSchemas } from './json-schemas.ts';

// Run by `npm run schemas -w @errand/task`; a test compares what is committed.
for (const [fileName, text] of Object.entries(jsonSchemas())) {
  writeFileSync(new URL(`../../../config/schema/${fileName}`, import.meta.url), text);
}
