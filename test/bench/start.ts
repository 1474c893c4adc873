import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';

/** What every command costs before it does anything: beside it, what Node alone costs. */
export async function measureStart({ entry, rounds }: Sizes): Promise<Row[]> {
  using stage = await Stage.set(entry);
  const floorMs: number[] = [];
  const measured: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const raw = await stage.start(process.execPath, ['-e', '0']).ended;
    const version = await stage.errand('--version').ended;
    if (round === 0) continue;
    floorMs.push(raw.ms);
    measured.push(version.ms);
  }
  return [{ measure: '`errand --version`, beside `node -e 0`', unit: 'ms', floorMs, measured, target: null }];
}
