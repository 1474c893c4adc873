import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { CLAUDE_VERSIONS, type ClaudeVersion, callTool, held, say } from '@errand/testing';
import { openScene } from './claude-scene.ts';
import { startNameServer } from './name-server.ts';

// Runs in a network namespace that has loopback alone and where every name is asked for here: what Claude Code needs of the
// network, and whom it tries to reach. Prints one line of JSON.

/** What was seen of one Claude Code. */
export interface AloneReport {
  version: ClaudeVersion;
  interfaces: string[];
  result: unknown;
  written: string;
  /** Names that were asked for, and requests without a route, with the environment that tests give it. */
  names: string[];
  unexpected: readonly string[];
  /** Names that were asked for where the traffic it can do without is allowed: proof that they would be seen. */
  namesOtherwise: string[];
}

async function workAlone(version: ClaudeVersion): Promise<AloneReport> {
  await using server = await startNameServer();
  await using scene = await openScene(version, (folder) => [
    callTool('Write', { file_path: join(folder, 'cwd', 'a.txt'), content: 'written alone' }),
    say('Alone.'),
  ]);
  await using claude = scene.start({ args: ['--permission-mode', 'acceptEdits'] });
  const { result } = await claude.ended;
  return {
    version,
    interfaces: Object.keys(networkInterfaces()),
    result: result?.result,
    written: await readFile(join(scene.folder, 'cwd', 'a.txt'), 'utf8').catch(() => ''),
    names: server.names(),
    unexpected: scene.api.unexpected(),
    namesOtherwise: [],
  };
}

async function listNamesOtherwise(version: ClaudeVersion): Promise<string[]> {
  await using server = await startNameServer();
  await using scene = await openScene(version, [held(say('Hello.'))]);
  const talkative = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: undefined, DISABLE_TELEMETRY: undefined };
  await using claude = scene.start({ env: { ...talkative, API_TIMEOUT_MS: '20000', CLAUDE_CODE_MAX_RETRIES: '0' } });
  // Its answer is held, so it is still there when it asks; its own patience ends the wait if it never does.
  await Promise.race([server.asked, claude.ended]);
  return server.names();
}

const reports: AloneReport[] = [];
for (const version of CLAUDE_VERSIONS) {
  reports.push({ ...(await workAlone(version)), namesOtherwise: await listNamesOtherwise(version) });
}
process.stdout.write(JSON.stringify(reports));
