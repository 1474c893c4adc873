import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { containByTree } from '../containment/contain-by-tree.ts';
import { endLeftover } from '../containment/end-leftover.ts';
import { identify } from '../containment/process-table.ts';
import { anyAlive, describeKinds, letOthersWork, sizeOf, stage, startBystander, startStandIn, until } from '../rig/test-rig.ts';
import { startGuard } from './guard.ts';

await describeKinds(['cgroup', 'pidns', 'tree'], (containment) => {
  const { kind } = containment;

  test('nothing outlives a worker that is killed, and the guard goes too', async () => {
    const bystander = startBystander();
    const { worker, guard, members } = await startStandIn(kind, 'forks-a-family.sh');
    expect(members.length).toBeGreaterThanOrEqual(4);
    expect(anyAlive([guard])).toBe(true);
    expect(members).not.toContainEqual(guard);
    worker.kill('SIGKILL');
    await until(() => !anyAlive([...members, guard]));
    expect(anyAlive([bystander])).toBe(true);
  });

  test('what a stopped worker runs is frozen, and killed when the worker is', async () => {
    const { worker, cwd, members, guard } = await startStandIn(kind, 'counts-in-the-background.sh', { ttlMs: 600 });
    worker.kill('SIGSTOP');
    await untilStill(join(cwd, 'progress'));
    expect(anyAlive(members)).toBe(true);
    worker.kill('SIGKILL');
    await until(() => !anyAlive([...members, guard]));
  });

  test('a task that nobody else may run goes on while others are frozen', async () => {
    const guard = startGuard({ ttlMs: 1 });
    onTestFinished(() => guard.stop());
    const fixed = await stage(containment, 'counts-in-the-background.sh', { guard, freezeable: false });
    const freezeable = await stage(containment, 'counts-in-the-background.sh', { guard, freezeable: true });
    await until(() => freezeable.events.some((event) => event.type === 'frozen'));
    const progress = join(fixed.workspace.cwd, 'progress');
    const before = await sizeOf(progress);
    await until(async () => (await sizeOf(progress)) > before);
    expect(fixed.events.some((event) => event.type === 'frozen')).toBe(false);
  });

  test('for how long the sign of life is good that a worker gives, it says with it', async () => {
    const guard = startGuard({ ttlMs: 3_600_000 });
    onTestFinished(() => guard.stop());
    const freezeable = await stage(containment, 'counts-in-the-background.sh', { guard, freezeable: true });
    guard.tick(0, 1);
    await until(() => freezeable.events.some((event) => event.type === 'frozen'));
  });

  test('the next boot ends what is left when worker and guard were both killed', async () => {
    const bystander = startBystander();
    const { worker, guard, ref, members } = await startStandIn(kind, 'forks-a-family.sh');
    process.kill(guard.pid, 'SIGSTOP');
    worker.kill('SIGKILL');
    process.kill(guard.pid, 'SIGKILL');
    await until(() => !anyAlive([guard]));
    // A namespace dies with its worker, guard or none; the others are still there for the next boot to end.
    if (kind !== 'pidns') expect(anyAlive(members)).toBe(true);
    const end = await endLeftover(JSON.parse(JSON.stringify(ref)));
    expect(end.left).toEqual([]);
    await until(() => !anyAlive(members));
    expect(anyAlive([bystander])).toBe(true);
    expect(await endLeftover(ref)).toEqual({ found: 0, left: [] });
  });

  test('the guard tells its worker what it froze, and the attempt can be thawed', async () => {
    const guard = startGuard({ ttlMs: 1 });
    onTestFinished(() => guard.stop());
    const staged = await stage(containment, 'counts-in-the-background.sh', { guard, freezeable: true });
    await until(() => staged.events.some((event) => event.type === 'frozen'));
    const progress = join(staged.workspace.cwd, 'progress');
    const before = await sizeOf(progress);
    await staged.attempt.thaw('back in touch');
    await until(async () => (await sizeOf(progress)) > before);
  });
});

describe('a guard process', () => {
  test('is not started before there is something to guard, and ends when it is stopped', async () => {
    const guard = startGuard({ ttlMs: 600_000 });
    expect(guard.pid()).toBeNull();
    const staged = await stage(containByTree, 'prints-and-waits.sh', { guard });
    const running = identify(guard.pid() as number);
    staged.attempt.stop('cancelled', 0);
    await staged.attempt.ended;
    await guard.stop();
    expect(anyAlive([running])).toBe(false);
    expect(guard.pid()).toBeNull();
  });

  test('that dies is replaced, and the new one guards what the old one did', async () => {
    const died: string[] = [];
    const guard = startGuard({ ttlMs: 600_000, onDied: (reason) => died.push(reason) });
    const staged = await stage(containByTree, 'forks-a-family.sh', { guard });
    await staged.heard('ready');
    const members = await staged.identities();
    const first = guard.pid() as number;
    process.kill(first, 'SIGKILL');
    await until(() => guard.pid() !== null && guard.pid() !== first);
    expect(died).toEqual(['the guard ended with SIGKILL']);
    await guard.stop();
    expect(anyAlive(members)).toBe(false);
  });

  test('does not follow the signals that end a whole service', async () => {
    const guard = startGuard({ ttlMs: 1 });
    onTestFinished(() => guard.stop());
    const staged = await stage(containByTree, 'counts-in-the-background.sh', { guard });
    const running = identify(guard.pid() as number);
    // It has frozen something, so it is up and its handlers are in place.
    await until(() => staged.events.some((event) => event.type === 'frozen'));
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(running.pid, signal);
    await letOthersWork();
    expect(anyAlive([running])).toBe(true);
  });

  test('leaves alone what it no longer watches', async () => {
    const guard = startGuard({ ttlMs: 600_000 });
    const staged = await stage(containByTree, 'prints-and-waits.sh', { guard });
    await staged.heard('ready');
    guard.unwatch(staged.attempt.unit?.id ?? '');
    await guard.stop();
    expect(anyAlive(await staged.identities())).toBe(true);
    expect(await staged.identities()).not.toEqual([]);
  });
});

/** Waits until the file has stopped growing while others could work. */
async function untilStill(path: string): Promise<void> {
  await until(async () => {
    const before = await sizeOf(path);
    await letOthersWork();
    return (await sizeOf(path)) === before;
  });
}
