/** The numbers at the start of a version, as `2.39.5` in `git version 2.39.5 (Apple Git-154)`; empty where there are none. */
export function versionNumbers(text: string): number[] {
  return (/\d+(?:\.\d+)+/.exec(text)?.[0] ?? '').split('.').filter(Boolean).map(Number);
}

/** Negative where the first is the older one; missing numbers are 0. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
