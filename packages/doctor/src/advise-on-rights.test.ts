import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hermeticEnv, mustRun, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { adviseOnRights } from './advise-on-rights.ts';

const [ME, OWNER, SHARED] = [54_321, 12_345, 777];
const self = { uid: ME, groups: [ME, SHARED] };
const dir = '/srv/q.git';

test('a repository of another user stays theirs: it is shared with its group, or with one that has to be named', () => {
  const theirs = { dir, dirOwner: OWNER, path: dir, pathOwner: OWNER, self };
  const inGroup = adviseOnRights({ ...theirs, dirGroup: SHARED });
  expect(inGroup.command).toMatch(/^sudo chgrp -R 777 \/srv\/q.git && .*core\.sharedRepository group$/);
  const outside = adviseOnRights({ ...theirs, dirGroup: OWNER });
  expect(outside.command).toMatch(/^sudo chgrp -R GROUP /);
  for (const { command, remedy } of [inGroup, outside]) {
    expect(command).not.toContain('chown');
    expect(remedy).toContain('Run errand as that user');
  }
});

test("one's own repository is opened to oneself, or taken back from whoever was there with sudo", () => {
  const mine = { dir, dirOwner: ME, dirGroup: ME, path: `${dir}/objects`, self };
  expect(adviseOnRights({ ...mine, pathOwner: ME }).command).toBe('chmod -R u+rwX /srv/q.git');
  expect(adviseOnRights({ ...mine, pathOwner: 0 }).command).toBe('sudo chown -R "$(id -un)" /srv/q.git');
});

const isRoot = process.getuid?.() === 0;
test.skipIf(!isRoot && process.env.CI !== 'true')(
  `what is printed lets both push, one on top of the other${isRoot ? '' : ' (needs root)'}`,
  async () => {
    await using folder = temporaryDirectory();
    const at = (name: string): string => join(folder.path, name);
    await chmod(folder.path, 0o755);
    const env = { ...hermeticEnv(folder.path), HOME: folder.path, PATH: `${at('bin')}:${process.env.PATH}` };
    await mustRun('mkdir', [at('bin')], { env });
    const asUser = 'u=$(echo "$2" | tr -d "#"); shift 2; exec setpriv --reuid="$u" --regid="$u" --clear-groups "$@"';
    await writeFile(at('bin/sudo'), `#!/bin/sh\nif [ "$1" = -u ]; then ${asUser}; fi\nexec "$@"\n`, { mode: 0o755 });
    // Both know it for each other's; that git asks for this is told by another check.
    await writeFile(at('.gitconfig'), '[safe]\n\tdirectory = *\n');
    const repository = at('my queue.git');
    await mustRun('git', ['init', '--quiet', '--bare', repository], { env });
    await mustRun('chown', ['-R', `${OWNER}:${OWNER}`, repository], { env });
    const push = async (uid: number, name: string): Promise<string> => {
      const work = at(name);
      await mustRun('git', ['init', '--quiet', work], { env });
      const commit = ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', 'commit', '--quiet', '--allow-empty', '-m', name];
      await mustRun('git', ['-C', work, ...commit], { env });
      const rights = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, `--groups=${SHARED}`];
      // Both in one folder of refs: who comes second writes what the first has made.
      const words = [...rights, 'git', '-C', work, 'push', '--quiet', repository, `HEAD:refs/errand/t/${name}`];
      return mustRun('env', words, { env });
    };
    await expect(push(ME, 'before')).rejects.toThrow();
    const refusal = { dir: repository, dirOwner: OWNER, dirGroup: OWNER, path: repository, pathOwner: OWNER, self };
    const command = adviseOnRights(refusal).command?.replace('GROUP', String(SHARED)) ?? 'false';
    await mustRun('sh', ['-c', command], { env, cwd: '/' });
    for (const [uid, name] of [
      [ME, 'a'],
      [OWNER, 'b'],
      [ME, 'c'],
    ] as const)
      await push(uid, name);
  },
);
