import { fileURLToPath } from 'node:url';
import { CLAUDE_VERSIONS, hermeticEnv, temporaryDirectory, whyNoClaude } from '@errand/testing';
import { expect, test } from 'vitest';
import type { AloneReport } from './alone.ts';
import { findNamespace, runAlone } from './namespace.ts';

const namespace = findNamespace();
const missing = whyNoClaude() ?? ('missing' in namespace && process.env.CI !== 'true' ? namespace.missing : null);

test.skipIf(missing !== null)(
  `with loopback as the whole network, Claude Code works, and looks for nobody else${missing === null ? '' : ` (${missing})`}`,
  async () => {
    if ('missing' in namespace) throw new Error(namespace.missing);
    await using folder = temporaryDirectory();
    const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));
    const program = fileURLToPath(new URL('alone.ts', import.meta.url));
    const command = [process.execPath, tsx, '--conditions=@errand/source', program];
    const env = { ...hermeticEnv(folder.path), TMPDIR: folder.path, CI: process.env.CI ?? '' };
    const { stdout, stderr } = await runAlone({ flags: namespace.flags, folder: folder.path }, command, env);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout) as AloneReport[]).toEqual(
      CLAUDE_VERSIONS.map((version) => ({
        version,
        interfaces: ['lo'],
        result: 'Alone.',
        written: 'written alone',
        names: [],
        unexpected: [],
        namesOtherwise: expect.arrayContaining([expect.any(String)]),
      })),
    );
  },
);
