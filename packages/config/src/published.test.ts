import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { z } from 'zod';
import { configJsonSchemas } from './json-schema.ts';
import { machineFileSchema } from './machine-schema.ts';
import { parseMachineConfig } from './parse-machine-config.ts';
import { parseQueueConfig } from './parse-queue-config.ts';
import { queueFileSchema } from './queue-schema.ts';
import { emptyQueueConfig } from './resolve-queue.ts';
import { listSchemaKeys } from './schema-keys.ts';
import { readShippedQueueConfig } from './shipped-queue-config.ts';

const ROOT = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const HOST = { home: '/home/me', cwd: '/', uid: 1, hostname: 'pi' };

/** The first two columns of the table that follows a marker, by the first. */
function readTable(page: string, marker: string): Map<string, string> {
  const [, rest = ''] = page.split(marker);
  const lines = rest.trimStart().split('\n');
  const rows = lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('|')),
    )
    .slice(2);
  return new Map(
    rows.map((row) => {
      const [, key = '', second = ''] = row
        .split(' | ')
        .join('|')
        .split('|')
        .map((cell) => cell.trim());
      return [key.replaceAll('`', ''), second];
    }),
  );
}

const write = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

describe.each<[string, string, z.ZodType]>([
  ["the machine's own file", "<!-- keys of the machine's own file -->", machineFileSchema],
  ["the queue's file", "<!-- keys of the queue's file -->", queueFileSchema],
])('docs/configuration.md on %s', (_, marker, schema) => {
  const rows = readTable(read('docs/configuration.md'), marker);
  const keys = listSchemaKeys(schema);

  it('lists every key of the schema and no other, in the same order', () => {
    expect([...rows.keys()]).toEqual(keys.map(({ at }) => at.join('.')));
  });

  it('gives the default that the schema has, and words where there is none', () => {
    for (const key of keys) {
      const stated = rows.get(key.at.join('.')) ?? '';
      if (key.default === undefined) expect(stated, key.at.join('.')).toMatch(/^[^`]+$/);
      else expect(stated, key.at.join('.')).toBe(write(key.default));
    }
  });

  it('leaves no key of the schema without a description', () => {
    expect(keys.filter(({ description }) => description === '')).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  it('lists every code of this package and no other', () => {
    const folder = new URL('./', import.meta.url);
    const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    const found = sources.flatMap((name) =>
      [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code]) => code),
    );
    const own = new Set(found.filter((code) => code !== 'custom' && code !== 'bad-duration'));
    expect([...readTable(read('docs/configuration.md'), '<!-- codes -->').keys()]).toEqual([...own].sort());
  });

  it('shows examples that are valid and leave nothing to warn of', () => {
    const examples = [...read('docs/configuration.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    expect(examples).toHaveLength(2);
    const [machine = '', queue = ''] = examples;
    expect(parseMachineConfig('/c/config.yaml', machine, HOST)).toMatchObject({ ok: true, warnings: [] });
    expect(parseQueueConfig('config/errand.yaml', queue)).toMatchObject({ ok: true, warnings: [] });
  });
});

describe('config/errand.yaml as shipped', () => {
  it('says nothing', async () => {
    const text = await readShippedQueueConfig();
    expect(parseQueueConfig('config/errand.yaml', text)).toEqual({ ok: true, value: emptyQueueConfig(), warnings: [] });
  });

  it('is valid when its examples are taken out of their comments, and names every top-level key that this version uses', async () => {
    const text = (await readShippedQueueConfig()).replace(/^#(?=[a-z]| {2}[a-z]+:)/gm, '');
    const parsed = parseQueueConfig('config/errand.yaml', text);
    expect(parsed).toMatchObject({ ok: true, warnings: [], value: { machines: { pi: { user: 'me' } } } });
    const shown = [...text.matchAll(/^([a-z]+):/gm)].map(([, key]) => key);
    expect(shown).toEqual(['machines', 'repos', 'routing', 'tiers', 'defaults', 'tidy', 'pushes']);
  });
});

test.each(Object.entries(configJsonSchemas()))(
  'config/schema/%s is what the code says (else: npm run schemas -w @errand/config)',
  (fileName, text) => {
    expect(read(`config/schema/${fileName}`)).toBe(text);
  },
);
