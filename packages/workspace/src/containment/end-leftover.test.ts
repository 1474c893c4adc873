import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anyAlive, describeKinds, makeFolder, stage, startBystander } from '../rig/test-rig.ts';
import { endLeftover } from './end-leftover.ts';
import { readMachineBoot } from './process-table.ts';

describe('ending what is left of an earlier boot', () => {
  test('leaves a process alone that only has the id of one of ours', async () => {
    const bystander = startBystander();
    const stale = { pid: bystander.pid, start: '1' };
    const machineBoot = readMachineBoot();
    expect(await endLeftover({ kind: 'tree', id: 'x', machineBoot, root: stale, members: [stale] })).toEqual({
      found: 0,
      left: [],
    });
    expect(await endLeftover({ kind: 'pidns', id: 'x', machineBoot, outer: stale, init: stale })).toEqual({ found: 0, left: [] });
    expect(anyAlive([bystander])).toBe(true);
  });

  test('does nothing after the machine was booted', async () => {
    const bystander = startBystander();
    const ref = { kind: 'tree' as const, id: 'x', machineBoot: 'another', root: bystander, members: [] };
    expect(await endLeftover(ref)).toEqual({ found: 0, left: [] });
    expect(anyAlive([bystander])).toBe(true);
  });

  test('removes no folder that is not a control group of ours', async () => {
    const folder = join(await makeFolder(), 'errand-looks-like-it');
    mkdirSync(folder);
    await endLeftover({ kind: 'cgroup', id: 'x', machineBoot: readMachineBoot(), path: folder });
    expect(() => mkdirSync(folder)).toThrow('EEXIST');
  });
});

await describeKinds(['cgroup'], (containment) => {
  test('ends and removes a group with groups below it', async () => {
    const staged = await stage(containment, 'prints-and-waits.sh');
    await staged.heard('ready');
    const ref = staged.attempt.unit?.describe();
    if (ref?.kind !== 'cgroup') throw new Error('not a cgroup');
    mkdirSync(join(ref.path, 'below', 'deeper'), { recursive: true });
    expect(await endLeftover(ref)).toEqual({ found: 1, left: [] });
    expect(() => mkdirSync(join(ref.path, 'below'))).toThrow('ENOENT');
  });
});
