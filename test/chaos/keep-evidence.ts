import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chaos, type ChaosOptions } from './chaos.ts';
import { renderReport } from './report.ts';

/** Plays one run in a folder of its own, which stays where something was wrong (or `keep`). Its report in Markdown, and whether it was clean. */
export async function playAndKeep(
  options: Omit<ChaosOptions, 'folder'>,
  keep = false,
): Promise<{ clean: boolean; text: string }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'errand-chaos-')));
  const report = await Chaos.play({ ...options, folder });
  const clean = report.problems.length === 0;
  const text = renderReport(report);
  if (clean && !keep) {
    rmSync(folder, { recursive: true });
    return { clean, text };
  }
  writeFileSync(join(folder, 'report.md'), `${text}\n`);
  const holds = 'report.md, story (every event and strike), runs (what agents noted), notifications, and each machine’s folder';
  return { clean, text: `${text}\n\nWhat happened is in ${folder}: ${holds}; queue.git where something was wrong.` };
}
