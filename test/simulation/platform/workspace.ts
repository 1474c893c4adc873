// In the place of `@errand/workspace`: what an earlier boot left is ended by what the journal says of it.
import { actingBoot } from './stage.ts';

export async function endLeftover(unit: { nonce: string }): Promise<void> {
  actingBoot().endProgram(unit.nonce);
}
