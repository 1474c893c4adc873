/** In the first lines of every file that errand installs; what has it may be replaced and removed by errand. */
const MARKER = 'Written by errand service install';

/** The sentence that says whose file this is, and of which checkout. It does not end in a backslash, which would continue a line. */
export function writeMarker(root: string): string {
  return `${MARKER}, for the checkout ${root}.`;
}

/** Whether errand wrote this file. */
export function isOurs(text: string): boolean {
  return text.split('\n', 5).some((line) => line.includes(MARKER));
}
