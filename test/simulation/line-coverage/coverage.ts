import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countLines } from './count-lines.ts';
import { type CoverageTable, renderCoverage } from './render-coverage.ts';
import { listRooms } from './rooms.ts';

/** What the processes of one simulation ran of the source. */
export class Coverage {
  /** Where each process leaves its report. */
  readonly reports: string;
  readonly #player: string;

  private constructor(player: string, reports: string) {
    this.#player = player;
    this.reports = reports;
  }

  static async begin(player: string): Promise<Coverage> {
    return new Coverage(player, await mkdtemp(join(tmpdir(), 'errand-coverage-')));
  }

  /** Counts, once all processes have ended, and removes their reports. */
  async end(): Promise<CoverageTable> {
    try {
      const rooms = await listRooms();
      const counted = await countLines(
        rooms.flatMap(({ files }) => files),
        this.#player,
        this.reports,
      );
      return renderCoverage(rooms, counted);
    } finally {
      await rm(this.reports, { recursive: true });
    }
  }
}
