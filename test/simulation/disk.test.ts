import { expect, test } from 'vitest';
import { SimulatedDisk } from './disk.ts';

const text = (disk: SimulatedDisk, path: string): string | null => (disk.exists(path) ? disk.read(path).toString() : null);

function diskWith(): SimulatedDisk {
  const disk = new SimulatedDisk();
  disk.makeFolder('/a');
  return disk;
}

test('a power cut takes what was not synced: a name without its folder, a content without its file', () => {
  const disk = diskWith();
  disk.write('/a/whole', Buffer.from('1'));
  disk.sync('/a/whole');
  disk.sync('/a');
  disk.write('/a/whole', Buffer.from('2'));
  disk.write('/a/nameless', Buffer.from('3'));
  disk.sync('/a/nameless');
  disk.cutPower(() => false);
  expect([text(disk, '/a/whole'), text(disk, '/a/nameless')]).toEqual(['1', null]);
});

test('a name may reach the disk before the content that it is for', () => {
  const disk = diskWith();
  disk.write('/a/new', Buffer.from('1'));
  const keeps = [true, false];
  disk.cutPower(() => keeps.shift() ?? false);
  expect(text(disk, '/a/new')).toBe('');
});

test('a file that is synced, renamed, and its folder synced is there whole', () => {
  const disk = diskWith();
  disk.write('/a/x.tmp', Buffer.from('1'), { exclusive: true });
  disk.sync('/a/x.tmp');
  disk.rename('/a/x.tmp', '/a/x');
  disk.sync('/a');
  disk.cutPower(() => false);
  expect([text(disk, '/a/x'), disk.list('/a')]).toEqual(['1', ['x']]);
});

test('a second name never takes the place of another, and is on the disk when its folder is synced, with the content that was', () => {
  const disk = diskWith();
  disk.write('/a/x.tmp', Buffer.from('1'));
  disk.sync('/a/x.tmp');
  disk.link('/a/x.tmp', '/a/x');
  expect(() => disk.link('/a/x.tmp', '/a/x')).toThrow('EEXIST');
  expect(() => disk.link('/a/none', '/a/y')).toThrow('ENOENT');
  disk.remove('/a/x.tmp');
  disk.sync('/a');
  disk.link('/a/x', '/a/y');
  disk.cutPower(() => false);
  expect([text(disk, '/a/x'), disk.list('/a')]).toEqual(['1', ['x']]);
});

test('a full disk takes nothing, and what is missing is missing', () => {
  const disk = diskWith();
  disk.full = true;
  expect(() => disk.write('/a/x', Buffer.from('1'))).toThrow('ENOSPC');
  expect(() => disk.read('/a/x')).toThrow('ENOENT');
  expect(() => disk.list('/b')).toThrow('ENOENT');
});
