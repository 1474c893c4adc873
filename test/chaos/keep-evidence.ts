import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chaos, type ChaosOptions } from './chaos.ts';
import { renderReport } from './report.ts';

/**
 * Plays one run in a folder of its own, which stays where something was wrong (or `keep`), but goes with a run that was broken off by its
 * signal. Its report in Markdown, and whether it was clean; one that came to no end is not.
 */
export async function playAndKeep(
  options: Omit<ChaosOptions, 'folder'>,
  keep = false,
): Promise<{ clean: boolean; text: string }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'errand-chaos-')));
  const { clean, text } = await play({ ...options, folder });
  if (!keep && (clean || options.signal?.aborted)) {
    rmSync(folder, { recursive: true, maxRetries: 5 });
    return { clean, text };
  }
  writeFileSync(join(folder, 'report.md'), `${text}\n`);
  const holds = 'report.md, story (every event and strike), runs (what agents noted), notifications, and each machine’s folder';
  return { clean, text: `${text}\n\nWhat happened is in ${folder}: ${holds}; queue.git where a check found something.` };
}

async function play(options: ChaosOptions): Promise<{ clean: boolean; text: string }> {
  try {
    const report = await Chaos.play(options);
    return { clean: report.problems.length === 0, text: renderReport(report) };
  } catch (error) {
    const isBug = error instanceof Error && !options.signal?.aborted;
    const why = isBug ? error.stack : String(error);
    return { clean: false, text: `Chaos of ${options.seconds} s, seed ${options.seed}: it came to no end.\n\n${why}` };
  }
}
