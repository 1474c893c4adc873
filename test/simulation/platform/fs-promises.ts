// In the place of `node:fs/promises`, for what is bundled into the simulation: the calls that the queue and the worker make.
import { DiskError } from '../disk.ts';
import { request } from './stage.ts';

type Text = string | Uint8Array;
type Encoding = 'utf8' | { encoding?: 'utf8' } | undefined;

export async function readFile(path: string, encoding?: Encoding): Promise<string | Buffer> {
  const content = await request((disk) => disk.read(path));
  return encoding === undefined ? content : content.toString('utf8');
}

export async function writeFile(path: string, text: Text, options: { flag?: string } = {}): Promise<void> {
  await request((disk) => disk.write(path, Buffer.from(text as Uint8Array), { exclusive: options.flag === 'wx' }));
}

export async function appendFile(path: string, text: Text): Promise<void> {
  await request((disk) => disk.write(path, Buffer.from(text as Uint8Array), { append: true }));
}

export async function mkdir(path: string): Promise<void> {
  await request((disk) => disk.makeFolder(path));
}

export async function readdir(path: string): Promise<string[]> {
  return request((disk) => disk.list(path));
}

export async function rename(from: string, to: string): Promise<void> {
  await request((disk) => disk.rename(from, to));
}

export async function link(from: string, to: string): Promise<void> {
  await request((disk) => disk.link(from, to));
}

export async function rm(path: string, { force = false } = {}): Promise<void> {
  await request((disk) => {
    if (disk.exists(path)) disk.remove(path);
    else if (!force) throw new DiskError('ENOENT', path);
  });
}

export async function stat(path: string): Promise<never> {
  // Only asked for the time of a file, which has none here.
  throw new DiskError('ENOENT', path);
}

export async function open(
  path: string,
  flags: string,
): Promise<{ writeFile: (text: Text) => Promise<void>; sync: () => Promise<void>; close: () => Promise<void> }> {
  await request((disk) => {
    if (flags === 'wx') disk.write(path, Buffer.alloc(0), { exclusive: true });
    else if (!disk.exists(path)) throw new DiskError('ENOENT', path);
  });
  return {
    writeFile: (text) => request((disk) => disk.write(path, Buffer.from(text as Uint8Array))),
    sync: () => request((disk) => disk.sync(path)),
    close: async () => {},
  };
}
