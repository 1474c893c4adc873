import { describe, expect, test } from 'vitest';
import { locateCgroup } from './find-own-cgroup.ts';

const unified = '29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';

describe('finding the own control group', () => {
  test('reads a unified hierarchy', () => {
    expect(locateCgroup(unified, '0::/user.slice/user-1000.slice/user@1000.service/app.slice/errand.service\n')).toEqual({
      ok: true,
      path: '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/errand.service',
    });
  });

  test('reads a hybrid one, with version 1 beside it', () => {
    const hybrid =
      '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';
    expect(locateCgroup(hybrid, '8:cpu:/elsewhere\n0::/\n')).toEqual({ ok: true, path: '/sys/fs/cgroup/unified' });
  });

  test('follows a mount of part of the hierarchy, and blanks in its path', () => {
    const part = '29 23 0:26 /box /mnt/my\\040groups rw - cgroup2 cgroup2 rw';
    expect(locateCgroup(part, '0::/box/inner\n')).toEqual({ ok: true, path: '/mnt/my groups/inner' });
  });

  test('says why there is none', () => {
    expect(locateCgroup('22 1 8:1 / / rw - ext4 /dev/sda rw', '0::/')).toMatchObject({
      ok: false,
      reason: 'no cgroup v2 hierarchy is mounted',
    });
    expect(locateCgroup(unified, '8:cpu:/x')).toMatchObject({ ok: false, reason: 'this process is in no cgroup v2 group' });
    expect(locateCgroup(unified, '0::/../sibling')).toMatchObject({ ok: false });
    expect(locateCgroup('29 23 0:26 /box /mnt rw - cgroup2 cgroup2 rw', '0::/other')).toMatchObject({ ok: false });
  });
});
