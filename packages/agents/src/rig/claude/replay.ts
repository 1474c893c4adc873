import type { AgentEnd, AgentProgress } from '../../agent.ts';
import { createClaudeAgent } from '../../claude/claude-agent.ts';
import { sampleRequest } from '../sample-request.ts';
import { readFixture } from './fixture.ts';

/** Lets the adapter hear a recorded run, in chunks of so many characters, and judge its end; `of` changes that end. */
export function replay(
  version: string,
  name: string,
  { chunkCharacters = 1_000_000, ...of }: { chunkCharacters?: number } & Partial<ReturnType<typeof readFixture>['end']> = {},
): { judged: AgentEnd; progress: AgentProgress[] } {
  const { session, end: recorded } = readFixture(version, name);
  const end = { ...recorded, ...of };
  const agent = createClaudeAgent({ bin: 'claude', env: {}, configDir: '/place/claude', permissions: 'edits' });
  const run = agent.begin(sampleRequest({ session }));
  const progress: AgentProgress[] = [];
  for (let at = 0; at < end.stdout.length; at += chunkCharacters) {
    progress.push(...run.hear(end.stdout.slice(at, at + chunkCharacters)));
  }
  return { judged: run.judge(end), progress };
}

/** What differs between any two runs of the same kind is taken out: ids, ports, the folder. */
export function normalize<T>(value: T, session: string, folder = '/place'): T {
  const text = JSON.stringify(value)
    .replaceAll(session, 'SESSION')
    .replaceAll(folder, '/place')
    .replace(/\b(req|msg|toolu)_\w+/g, '$1_ID')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/in \d+\.\d s/g, 'in N s');
  return JSON.parse(text) as T;
}
