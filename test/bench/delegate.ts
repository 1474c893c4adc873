import { Floor } from './floor.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';

/** `errand delegate` until its end, where no worker watches: beside it, the git commands that nobody could do without. */
export async function measureDelegate({ entry, rounds }: Sizes): Promise<Row[]> {
  using stage = await Stage.set(entry);
  const floor = await Floor.set(stage);
  const floorMs: number[] = [];
  const measured: number[] = [];
  const asTyped: number[] = [];
  // The first round fills caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const raw = await floor.delegate();
    const { ms } = await stage.errand('delegate', 'bench', `number ${round}`).ended;
    const { ms: typed } = await stage.asTyped('delegate', 'bench', `number ${round}, as it is typed`).ended;
    if (round === 0) continue;
    floorMs.push(raw);
    measured.push(ms);
    asTyped.push(typed);
  }
  const target = { atMost: 300, of: 'excess' as const };
  return [
    { measure: '`delegate`, beside its git commands', unit: 'ms', floorMs, measured, target },
    { measure: 'the same through `scripts/errand`', unit: 'ms', floorMs, measured: asTyped, target },
  ];
}
