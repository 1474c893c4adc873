import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { hermeticEnv, mortalGit, mustRun, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { ObjectReader } from './object-reader.ts';
import { writeLooseObject } from './write-object.ts';

const MISSING = '1'.repeat(40);

test('answers many requests at once, each with its own object, also those that are larger than a pipe', async () => {
  await using bench = await open();
  const texts = Array.from({ length: 200 }, (_, index) => `${index}\n`.repeat(index % 20 === 0 ? 60_000 : index));
  const oids = await Promise.all(texts.map((text) => bench.write(text)));
  const wanted = oids.flatMap((oid) => [oid, MISSING]);
  const objects = await Promise.all(wanted.map((oid) => bench.reader.read(oid)));
  expect(objects.filter((_, index) => index % 2 === 1).every((object) => object === null)).toBe(true);
  expect(objects.filter((_, index) => index % 2 === 0).map((object) => object?.content.toString())).toEqual(texts);
});

test('sees objects that were written after it started', async () => {
  await using bench = await open();
  expect(await bench.reader.read(MISSING)).toBeNull();
  const oid = await bench.write('late');
  expect((await bench.reader.read(oid))?.content.toString()).toBe('late');
});

test('cuts off what is larger than it may keep, and reads on behind it', async () => {
  await using bench = await open(1_000);
  const [big, small] = [await bench.write('x'.repeat(100_000)), await bench.write('small')];
  const [first, second] = await Promise.all([bench.reader.read(big), bench.reader.read(small)]);
  expect(first).toEqual({ type: 'blob', content: Buffer.from('x'.repeat(1_000)) });
  expect(second?.content.toString()).toBe('small');
});

test('finds nothing at a corrupt object, and reads on', async () => {
  await using bench = await open();
  const [broken, whole] = [await bench.write('broken '.repeat(500)), await bench.write('whole')];
  await truncate(join(bench.dir, 'objects', broken.slice(0, 2), broken.slice(2)), 8);
  const [first, second] = await Promise.all([bench.reader.read(broken), bench.reader.read(whole)]);
  expect(first).toBeNull();
  expect(second?.content.toString()).toBe('whole');
  expect((await bench.reader.read(whole))?.content.toString()).toBe('whole');
});

test('asks again where somebody kills its git: that says nothing of an object', async () => {
  await using bench = await open();
  const oid = await bench.write('text');
  expect((await bench.mortal('kill -9 $$', 4).read(oid))?.content.toString()).toBe('text');
});

test('gives up in the end where its git is killed over and over, and sooner where it ends by itself', async () => {
  await using bench = await open();
  const oid = await bench.write('text');
  expect(await bench.mortal('kill -9 $$', 5).read(oid)).toBeNull();
  expect(await bench.mortal('exit 128', 2).read(oid)).toBeNull();
  expect(await bench.mortal('kill -BUS $$', 2).read(oid)).toBeNull();
  expect((await bench.mortal('kill -BUS $$', 1).read(oid))?.content.toString()).toBe('text');
});

test('finds nothing in a folder that is no clone', async () => {
  await using folder = temporaryDirectory();
  const reader = new ObjectReader(join(folder.path, 'none'), hermeticEnv(folder.path));
  expect(await reader.read(MISSING)).toBeNull();
  await reader.close();
});

test('starts again after a restart, and not after it was closed', async () => {
  await using bench = await open();
  const oid = await bench.write('text');
  expect(await bench.reader.read(oid)).not.toBeNull();
  await bench.reader.restart();
  expect(await bench.reader.read(oid)).not.toBeNull();
  await bench.reader.close();
  await bench.reader.close();
  expect(await bench.reader.read(oid)).toBeNull();
});

async function open(maxBytes?: number) {
  const folder = temporaryDirectory();
  const env = hermeticEnv(folder.path);
  const dir = join(folder.path, 'clone.git');
  await mustRun('git', ['init', '-q', '--bare', dir], { env });
  const readers = [new ObjectReader(dir, env, maxBytes)] as [ObjectReader, ...ObjectReader[]];
  return {
    dir,
    reader: readers[0],
    /** A reader whose git ends in this way so often before it works. */
    mortal(end: string, times: number) {
      const lives = join(folder.path, `lives-${readers.length}`);
      const reader = new ObjectReader(dir, mortalGit(env, { folder: lives, command: 'cat-file', times, end }));
      readers.push(reader);
      return reader;
    },
    write: (text: string) => writeLooseObject(dir, 'sha1', 'blob', Buffer.from(text)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(readers.map((reader) => reader.close()));
      await folder[Symbol.asyncDispose]();
    },
  };
}
