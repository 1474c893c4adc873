// In the place of `node:crypto`: hashes are real, and chance comes from the seed.
import { createHash } from 'node:crypto';
import { scheduler } from './stage.ts';

export { createHash };

export function randomBytes(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => scheduler().pick(256)));
}

export function randomUUID(): string {
  return randomBytes(16).toString('hex');
}
