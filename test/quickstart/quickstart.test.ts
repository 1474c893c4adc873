import { readFileSync, writeFileSync } from 'node:fs';
import { whyNoSshRemote } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { BootedMachine } from '../service/rig/booted-machine.ts';
import { whyNoSystemd } from '../service/rig/why-no-systemd.ts';
import { LaptopAndPi } from './laptop-and-pi.ts';
import { readSession, type Step, steadyLines, writeSession } from './session.ts';

const README = new URL('../../README.md', import.meta.url);
const missing = whyNoSystemd() ?? whyNoSshRemote();
const title = missing === null ? 'the quick start of README.md' : `the quick start of README.md (${missing})`;
/** What the page promises, from nothing to the first result. */
const FIVE_MINUTES_MS = 300_000;
const PLAY_MS = 2 * FIVE_MINUTES_MS;

describe.skipIf(missing !== null && process.env.CI !== 'true')(title, () => {
  test('played on a laptop and a Pi, it shows what is recorded there', { timeout: PLAY_MS }, async () => {
    const page = readFileSync(README, 'utf8');
    const recorded = readSession(page);
    await using machine = await BootedMachine.boot();
    const both = await LaptopAndPi.meet(machine);
    const played: Step[] = [];
    const startedAt = performance.now();
    for (const { on, command } of recorded) {
      const { stdout, stderr } = await both.type(on, withSuffix(command, recorded, played));
      played.push({ on, command: withSuffix(command, recorded, played), shown: `${stdout}${stderr}`.trimEnd().split('\n') });
    }
    const tookMs = performance.now() - startedAt;
    // RECORD=1 writes what was shown into the page, for a person to read before it is committed.
    if (process.env.RECORD === '1')
      writeFileSync(
        README,
        page.replace(writeSession(recorded), () => writeSession(played)),
      );
    if (process.env.RECORD === '1') console.log(`it took ${Math.round(tookMs / 1000)} s`);
    expect(played.length).toBeGreaterThan(5);
    expect(tookMs).toBeLessThan(FIVE_MINUTES_MS);
    expect(played.map(({ shown }) => steadyLines(shown))).toEqual(recorded.map(({ shown }) => steadyLines(shown)));
  });
});

/** A command that names the task of the recording names the one of this play. */
function withSuffix(command: string, recorded: readonly Step[], played: readonly Step[]): string {
  const id = (steps: readonly Step[]) => /\buname-sr-[a-z0-9]{4}\b/.exec(steps.flatMap(({ shown }) => shown).join('\n'))?.[0];
  const [old, now] = [id(recorded), id(played)];
  return old === undefined || now === undefined ? command : command.replaceAll(old, now);
}
