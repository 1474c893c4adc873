import { lstat } from 'node:fs/promises';

const OTHERS_MAY = 0o077;

/** True for what belongs to this user and is closed to all others, as everything is that a worker makes. Never rejects. */
export async function isPrivate(path: string): Promise<boolean> {
  const info = await lstat(path).catch(() => null);
  return info !== null && info.uid === process.getuid?.() && (info.mode & OTHERS_MAY) === 0;
}
