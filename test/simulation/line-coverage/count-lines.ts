import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parse } from 'acorn';
import { convert } from 'ast-v8-to-istanbul';
import { transform } from 'esbuild';
import coverage, { type CoverageMap, type CoverageMapData } from 'istanbul-lib-coverage';
import { ROOT } from './rooms.ts';

type Source = Pick<Parameters<typeof convert>[0], 'code' | 'sourceMap' | 'coverage'>;

/** What Node writes on `NODE_V8_COVERAGE`. */
interface V8Report {
  result: Source['coverage'][];
  'source-map-cache': { [url: string]: { data: Source['sourceMap'] } };
}

/** Lines of one file on which a statement begins. */
export interface FileLines {
  file: string;
  total: number;
  missed: number[];
}

/**
 * Counts the lines of these files (from the root of the repository) that ran in any process which played with this bundle and left its report in the folder.
 * What the bundle left out, since nothing calls it, has not run.
 */
export async function countLines(files: readonly string[], player: string, reports: string): Promise<FileLines[]> {
  const lines = coverage.createCoverageMap();
  for (const file of files) lines.merge(await readUnrun(file));
  for (const name of await readdir(reports)) await addReport(lines, player, join(reports, name));
  return files
    .filter((file) => lines.files().includes(resolve(ROOT, file)))
    .map((file) => {
      const found = lines.fileCoverageFor(resolve(ROOT, file));
      const missed = found.getUncoveredLines().map(Number);
      return { file, total: Object.keys(found.getLineCoverage()).length, missed };
    });
}

/** All that a file has, as if none of it had run. A file of types alone has nothing. */
async function readUnrun(file: string): Promise<CoverageMapData> {
  const path = resolve(ROOT, file);
  const text = await readFile(path, 'utf8');
  const { code, map } = await transform(text, { loader: 'ts', target: 'node20', sourcemap: true, sourcefile: path });
  const range = { startOffset: 0, endOffset: code.length, count: 0 };
  const functions = [{ functionName: '', isBlockCoverage: true, ranges: [range] }];
  return describe({ code, sourceMap: JSON.parse(map), coverage: { url: pathToFileURL(path).href, functions } });
}

/** Adds what one process ran to the files that are counted. */
async function addReport(lines: CoverageMap, player: string, path: string): Promise<void> {
  const report = JSON.parse(await readFile(path, 'utf8')) as V8Report;
  const url = pathToFileURL(player).href;
  const ran = report.result.find((script) => script.url === url);
  const sourceMap = report['source-map-cache'][url]?.data;
  if (!ran || !sourceMap) throw new Error(`${path} does not tell what ran of ${player}`);
  const described = await describe({ code: await readFile(fileURLToPath(url), 'utf8'), sourceMap, coverage: ran });
  const counted = new Set(lines.files());
  lines.merge(Object.fromEntries(Object.entries(described).filter(([file]) => counted.has(file))));
}

function describe(source: Source): Promise<CoverageMapData> {
  const ast = parse(source.code, { ecmaVersion: 'latest', sourceType: 'module' });
  return convert({ ...source, ast }) as Promise<CoverageMapData>;
}
