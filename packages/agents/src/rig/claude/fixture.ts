import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessEnd, SessionRequest } from '../../agent.ts';

/** A recorded run of a real Claude Code. */
export interface Fixture {
  session: SessionRequest;
  end: ProcessEnd;
}

/** The versions that are recorded. */
export const RECORDED_VERSIONS = ['2.1.328', '2.1.197'] as const;

/** The file holds standard output as it came, and a last line of ours with the rest. */
export function readFixture(version: string, name: string): Fixture {
  const text = readFileSync(pathOf(version, name), 'utf8');
  const at = text.lastIndexOf('\n', text.length - 2) + 1;
  const { session, ...end } = JSON.parse(text.slice(at)) as { session: SessionRequest } & Omit<ProcessEnd, 'stdout' | 'capped'>;
  return { session, end: { ...end, stdout: text.slice(0, at), capped: false } };
}

/** `folder` is where it ran, which no recording shows. */
export function writeFixture(version: string, name: string, { session, end }: Fixture, folder: string): void {
  const { exitCode, signal, endedBy, stdout, stderr } = end;
  const ended = stdout === '' || stdout.endsWith('\n') ? stdout : `${stdout}\n`;
  const text = `${ended}${JSON.stringify({ session, exitCode, signal, endedBy, stderr })}\n`;
  mkdirSync(dirname(pathOf(version, name)), { recursive: true });
  writeFileSync(pathOf(version, name), text.replaceAll(folder, '/place').replaceAll(folder.replaceAll('/', '-'), '-place'));
}

function pathOf(version: string, name: string): string {
  return fileURLToPath(new URL(`./${version}/${name}.jsonl`, import.meta.url));
}
