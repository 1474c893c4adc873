import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@errand/testing';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { countLines } from './count-lines.ts';
import { type CoverageTable, renderCoverage } from './render-coverage.ts';
import { listRooms } from './rooms.ts';

const GREET = `interface Person { name: string }
export function greet({ name }: Person): string {
  if (name === 'nobody') {
    return 'silence';
  }
  if (name === 'pi') return 'three';
  return 'hello';
}
/** Nobody calls this. */
export function shout(text: string): string {
  return text.toUpperCase();
}
`;

test('lines are counted over all processes, and what the bundle left out has not run', async () => {
  await using folder = await temporaryDirectory();
  const path = (name: string): string => join(folder.path, name);
  await writeFile(path('greet.ts'), GREET);
  await writeFile(path('types.ts'), 'export interface Nothing { runs: never }\n');
  await writeFile(path('main.ts'), `import { greet } from './greet.ts';\ngreet({ name: process.argv[2] ?? '' });\n`);
  const player = path('player.mjs');
  await build({ entryPoints: [path('main.ts')], outfile: player, bundle: true, format: 'esm', sourcemap: 'inline' });
  await mkdir(path('reports'));
  const env = { NODE_V8_COVERAGE: path('reports') };
  for (const name of ['alice', 'pi']) await promisify(execFile)(process.execPath, [player, name], { env });

  const files = [path('greet.ts'), path('types.ts')];
  expect(await countLines(files, player, path('reports'))).toEqual([{ file: path('greet.ts'), total: 5, missed: [4, 11] }]);
});

test('the table names the lines that were missed, and its share is cut, not rounded', () => {
  const rooms = [
    { name: 'planner', files: ['packages/planner/src/a.ts', 'packages/planner/src/types.ts'] },
    { name: 'duties', files: ['packages/worker/src/duties/b.ts'] },
  ];
  const of = (missed: number): CoverageTable =>
    renderCoverage(rooms, [
      { file: 'packages/planner/src/a.ts', total: 19_000, missed: Array.from({ length: missed }, (_, n) => n + 5) },
      { file: 'packages/worker/src/duties/b.ts', total: 1_000, missed: [7] },
    ]);
  expect(of(2_851)).toMatchObject({ short: ['planner'], text: expect.stringMatching(/^PLANNER +84\.9 % {2}16149 of 19000$/m) });
  expect(of(2_850).short).toEqual([]);
  expect(
    of(3)
      .text.split('\n')
      .map((line) => line.trim().replaceAll(/ +/g, ' ')),
  ).toEqual([
    'PLANNER 99.9 % 18997 of 19000',
    'a.ts 99.9 % 18997 of 19000 5-7',
    'DUTIES 99.9 % 999 of 1000',
    'duties/b.ts 99.9 % 999 of 1000 7',
    'ALL 99.9 % 19996 of 20000',
  ]);
});

test('the rooms hold the planner, the queue without its port to git, and the duties, and no tests', async () => {
  const files = (await listRooms()).flatMap((room) => room.files);
  expect(files).toEqual(
    expect.arrayContaining([
      'packages/planner/src/claims.ts',
      'packages/queue/src/fold.ts',
      'packages/worker/src/duties/folder.ts',
    ]),
  );
  expect(files.filter((file) => /\.test\.ts|\/(?:git|rig)\/|\/attempt\.ts/.test(file))).toEqual([]);
});
