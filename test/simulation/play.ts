import type { Result } from '@errand/task';
import { Checks } from './checks.ts';
import type { FaultKind, Faults } from './faults.ts';
import { Machine } from './machine.ts';
import { Onlooker } from './onlooker.ts';
import { People } from './people.ts';
import { stage } from './platform/stage.ts';
import { PushMeter } from './push-meter.ts';
import { type Told, World } from './world.ts';

const MINUTE_MS = 60_000;
const LET_RUN_MS = 20 * MINUTE_MS;
const GIVE_UP_MS = 6 * 60 * MINUTE_MS;

/** The world that a seed is played in. */
export interface Setting {
  machines: number;
  tasks: number;
  faults: Faults;
  /** Pushes per minute that the queue's file allows all workers together, or null. */
  pushes: number | null;
}

export interface Played {
  seed: number;
  /** Why the world was not as it must be, or null. */
  problem: string | null;
  virtualMs: number;
  pushes: number;
  struck: ReadonlyMap<FaultKind, number>;
  /** Attempts whose program began. */
  runs: number;
  doubles: number;
  story: readonly Told[];
  /** Results by their state, in the end. */
  results: ReadonlyMap<Result['state'], number>;
}

/** Plays one seed to its end: until everything is recorded and nothing is left over, or until something is as it must not be. */
export async function play(seed: number, scene: Setting, { story = false } = {}): Promise<Played> {
  const world = new World(seed, scene.faults, { story });
  const { scheduler } = world;
  stage.scheduler = scheduler;
  const machines: Machine[] = Array.from({ length: scene.machines }, (_, n) => new Machine(`m${n}`, world));
  world.machines = machines;
  const people = new People(world);
  const checks = new Checks(world, people, machines);
  let over = false;
  let problem: string | null = null;

  const act = (what: () => unknown, inMs: number): void => void scheduler.after(inMs, () => void what(), null);
  // The first commit makes the branch.
  let unfiled = scene.tasks;
  const file = (): void => {
    unfiled -= 1;
    // Not on a twin: what is delegated on a machine that goes for good stays there.
    const machine = machines[scheduler.pick(4 * scene.machines)];
    if (machine?.isUp && machine.label === machine.name) people.delegate(machine);
    else void people.file();
  };
  const { pushes } = scene;
  if (pushes !== null) {
    world.meter = new PushMeter(pushes, scene.machines);
    act(() => people.configure(`pushes: ${pushes}\n`), 0);
  }
  act(file, pushes === null ? 0 : 1);
  for (let n = 1; n < scene.tasks; n++) act(file, scheduler.pick(scene.faults.untilMs || 5 * MINUTE_MS));
  for (const machine of machines) act(() => machine.start(), 1 + scheduler.pick(30_000));
  const everyMinute = (): void => {
    if (!world.isRough) return;
    if (world.happens('outage')) world.outageUntilMs = scheduler.nowMs + scheduler.pick(6 * MINUTE_MS);
    if (world.happens('closed')) world.rules.closedUntilMs = scheduler.nowMs + scheduler.pick(4 * MINUTE_MS);
    for (const machine of machines) {
      if (world.happens('asleep')) machine.sleepFor(scheduler.pick(10 * MINUTE_MS));
      if (world.happens('stalled')) machine.stallFor(scheduler.pick(8 * MINUTE_MS));
      if (world.happens('beatsLost')) machine.loseBeatsFor(scheduler.pick(8 * MINUTE_MS));
      if (world.happens('clockJump')) machine.jumpClock((scheduler.random() - 0.5) * 48 * 60 * MINUTE_MS);
      if (world.happens('diskFull')) machine.fillDisk(scheduler.pick(3 * MINUTE_MS));
      if (world.happens('damage')) machine.damage();
    }
    for (const kind of ['edit', 'remove', 'readd', 'rename', 'retry', 'takeRetryBack', 'moveBack', 'moveForward'] as const)
      if (world.happens(kind)) act(() => people[kind](), scheduler.pick(MINUTE_MS));
    if (world.happens('editOn')) act(() => people.editOn(scheduler.one(machines) as Machine), scheduler.pick(MINUTE_MS));
    act(everyMinute, MINUTE_MS);
  };
  act(everyMinute, MINUTE_MS);
  const onlooker = new Onlooker(world, people);
  const look = (): void => {
    void onlooker.look();
    act(look, MINUTE_MS);
  };
  act(look, MINUTE_MS / 2);
  if (world.happens('twin')) {
    const twin = new Machine('m0', world, 'twin');
    machines.push(twin);
    world.meter?.addTwin();
    const from = scheduler.pick(scene.faults.untilMs);
    act(() => twin.start(), from);
    act(() => twin.stop(), from + scheduler.pick(scene.faults.untilMs));
  }
  const letRun = (): void => {
    void people.letRun({ movedBack: world.struck.has('moveBack') });
    act(letRun, LET_RUN_MS);
  };
  act(letRun, scene.faults.untilMs + LET_RUN_MS);

  const isDone = (): boolean => unfiled === 0 && world.underWay === 0 && checks.atTheEnd() === null;
  let stopping = false;
  const watch = (): void => {
    if (!stopping && !world.isRough && scheduler.nowMs >= scene.faults.untilMs && isDone()) {
      stopping = true;
      for (const machine of machines) machine.stop();
    }
    if (stopping && machines.every(({ stopped }) => stopped)) over = true;
    else if (scheduler.nowMs > GIVE_UP_MS)
      problem ??= `not done after six hours: ${checks.atTheEnd() ?? (world.underWay > 0 ? `${world.underWay} requests have no end` : 'a worker does not stop')}`;
    act(watch, 10_000);
  };
  act(watch, 10_000);

  await scheduler.run(
    () => over || problem !== null,
    () => {
      problem ??= checks.afterEvent();
    },
  );
  if (!over) problem ??= 'the run ended before it was over';
  problem ??= checks.whenStopped();
  return {
    seed,
    problem,
    virtualMs: scheduler.nowMs,
    pushes: world.version,
    struck: world.struck,
    runs: world.runs,
    doubles: world.doubles.length,
    story: world.story,
    results: checks.countResults(),
  };
}
