import { fileURLToPath } from 'node:url';

/** The documentation that came with this errand; an absolute path. */
export const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));
