import { type BurnDown, burnDown, type Fleet } from './burn-down.ts';
import { Floor } from './floor.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';
import { median } from './statistics.ts';

const MANY_SLOTS = 128;
/** 150 tasks a second. */
const FLOOD_MS = 1_000 / 150;

/** Many workers of one slot, some workers of many slots, and one of very many, each with idle workers and all tasks at once. */
export async function measureContention({ entry, rounds, crowd, burst, flood }: Sizes): Promise<Row[]> {
  const floors = await measureFloors(entry, rounds, flood);
  const measure = async (fleet: Fleet): Promise<BurnDown> => tell(fleet, await burnDown(entry, fleet));
  const alone = await measure({ workers: 1, slots: 1, tasks: burst, withPerson: true });
  const contended = await measure({ workers: crowd, slots: 1, tasks: burst, withPerson: true });
  const roomy = await measure({ workers: 4, slots: 16, tasks: burst, withPerson: false });
  const flooded = await measure({ workers: 1, slots: MANY_SLOTS, tasks: flood, withPerson: false });
  const many = `${crowd} workers of one slot, ${burst} tasks`;
  return [
    ...describeSpeed(`1 worker of one slot, ${burst} tasks: time per task, beside one \`git push\``, alone, floors.pushMs, null),
    describePushes('its pushes per task', alone, null),
    ...describeSpeed(`${many}: time per task, beside that of one worker`, contended, [alone.msPerTask], {
      atMost: 1,
      of: 'ratio',
    }),
    describePushes('their pushes per task', contended, 2.5),
    {
      measure: 'the longest wait of a task for its start, beside the median',
      unit: 'ms',
      floorMs: [median(contended.waitsMs)],
      measured: [Math.max(...contended.waitsMs)],
      target: { atMost: 3, of: 'ratio' },
    },
    {
      measure: `most tries of a person who pulls, and pushes half a second later, of ${contended.tries.length} commits`,
      unit: 'tries',
      floorMs: null,
      measured: contended.tries.length === 0 ? [] : [Math.max(...contended.tries)],
      target: { atMost: 3, of: 'value' },
    },
    ...describeSpeed(`4 workers of 16 slots, ${burst} tasks: time per task`, roomy, [alone.msPerTask], null),
    describePushes('their pushes per task', roomy, 0.4),
    ...describeSpeed(
      `1 worker of ${MANY_SLOTS} slots, ${flood} tasks: time per task, beside its agents alone`,
      flooded,
      floors.agentMs,
      {
        atMost: Number(FLOOD_MS.toFixed(2)),
        of: 'value',
      },
    ),
    describePushes('its pushes per task', flooded, null),
  ];
}

function describeSpeed(measure: string, { msPerTask }: BurnDown, floorMs: number[], target: Row['target']): Row[] {
  return [{ measure, unit: 'ms', floorMs, measured: [msPerTask], target }];
}

function describePushes(measure: string, { pushesPerTask }: BurnDown, atMost: number | null): Row {
  const target = atMost === null ? null : { atMost, of: 'value' as const };
  return { measure, unit: 'pushes', floorMs: null, measured: [pushesPerTask], target };
}

/** What git takes for one push of one ref, and this machine for an agent that nobody looks after, two at a time: milliseconds. */
async function measureFloors(entry: string, rounds: number, agents: number): Promise<{ pushMs: number[]; agentMs: number[] }> {
  using stage = await Stage.set(entry);
  const floor = await Floor.set(stage);
  const pushMs: number[] = [];
  for (let round = 0; round < rounds; round++) pushMs.push(await floor.push());
  const all = await stage.start('sh', ['-c', `seq ${agents} | xargs -P 2 -n 1 sh -c :`]).ended;
  return { pushMs, agentMs: [all.ms / agents] };
}

/** By purpose, for who wants to know where they went. */
function tell({ workers, slots }: Fleet, run: BurnDown): BurnDown {
  const purposes = [...run.pushes].map(([purpose, count]) => `${purpose} ${count}`).join(', ');
  const person = run.tries.length === 0 ? '' : `; tries of a person ${run.tries.join(' ')}`;
  process.stderr.write(
    `${workers} × ${slots}: ${run.msPerTask.toFixed(1)} ms per task, ${run.cpuMsPerTask.toFixed(1)} ms of processor time; pushes: ${purposes}${person}\n`,
  );
  return run;
}
