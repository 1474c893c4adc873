import { chmod, chown, mkdir, symlink } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { isPrivateGroup, isTrustedFolder } from './trust-folder.ts';

const { uid, username: user } = userInfo();
const OTHER = 65_534;

/** A folder of this user's, made anew below a temporary one: with a mode, and an owner and a group where root runs this. */
async function make(path: string, mode = 0o755, owner?: { uid?: number; gid?: number }): Promise<string> {
  await mkdir(path, { recursive: true });
  if (owner) await chown(path, owner.uid ?? uid, owner.gid ?? userInfo().gid);
  await chmod(path, mode);
  return path;
}

test('a folder is trusted when its owner and root alone can change it and every folder on the way, links included', async () => {
  await using folder = temporaryDirectory();
  const trusts = (path: string): boolean => isTrustedFolder(path, { user, uid });
  const good = await make(join(folder.path, 'good'));
  expect(trusts(good)).toBe(true);
  expect(trusts('/usr/bin')).toBe(true);
  expect(trusts(join(folder.path, 'absent'))).toBe(false);

  const open = await make(join(folder.path, 'open'), 0o777);
  const below = await make(join(open, 'bin'));
  expect([trusts(open), trusts(below)]).toEqual([false, false]);
  await chmod(open, 0o1777);
  expect([trusts(open), trusts(below)]).toEqual([false, true]);
  await chmod(open, 0o777);

  // A link that is good itself, to one in a folder of everybody's, to a good folder.
  await symlink(good, join(open, 'step'));
  await symlink('open/step', join(folder.path, 'link'));
  await symlink('../good', join(good, 'direct'));
  expect([trusts(join(folder.path, 'link')), trusts(join(good, 'direct'))]).toEqual([false, true]);
});

const isRoot = uid === 0;
test.skipIf(!isRoot && process.env.CI !== 'true')(
  `another user's folder, or that of a group of others, is not trusted${isRoot ? '' : ' (needs root)'}`,
  async () => {
    await using folder = temporaryDirectory();
    const me = { user: 'me', uid: 4711 };
    const theirs = await make(join(folder.path, 'theirs'), 0o755, { uid: OTHER });
    const mine = await make(join(folder.path, 'mine'), 0o755, { uid: me.uid });
    const below = await make(join(theirs, 'bin'), 0o755, { uid: me.uid });
    const shared = await make(join(folder.path, 'shared'), 0o775, { uid: me.uid, gid: OTHER });
    const ofRoot = await make(join(folder.path, 'root'), 0o775, { uid: 0, gid: 0 });
    expect([theirs, mine, below, shared, ofRoot].map((path) => isTrustedFolder(path, me))).toEqual([
      false,
      true,
      false,
      false,
      true,
    ]);
  },
);

test("a group that has a user's name and no other members is that user's own", () => {
  const groups = 'root:x:0:\nstaff:x:50:me\nme:x:1000:\nyou:x:1001:you,me\nus:x:1002:\n';
  expect([1000, 1001, 50, 7].map((gid) => isPrivateGroup(groups, gid, 'me'))).toEqual([true, false, false, false]);
  expect([1001, 1002].map((gid) => isPrivateGroup(groups, gid, 'you'))).toEqual([false, false]);
});
