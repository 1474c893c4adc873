import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('what the pages say that CI runs is what it runs, step by step', () => {
  const steps = [...read('.ci/run').matchAll(/^(?:npm (?:ci|run \S+)|scripts\/\S+)/gm)].map(([step]) => step);
  expect(steps).toContain('scripts/test');
  const paragraph =
    read('CONTRIBUTING.md')
      .split('\n\n')
      .find((text) => text.includes('is what CI runs')) ?? '';
  const told = [...paragraph.slice(0, paragraph.indexOf('`npm run check`')).matchAll(/`([^`]+)`/g)].map(([, code]) => code);
  expect(told).toEqual(['.ci/run', ...steps]);
  for (const page of ['README.md', 'CONTRIBUTING.md']) {
    expect(
      [...read(page).matchAll(/`([^`]+)`\s+is\s+what\s+CI\s+runs/g)].map(([, code]) => code),
      page,
    ).toEqual(['.ci/run']);
  }
});
