import { accessSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hermeticEnv, runCommand, temporaryDirectory } from '@errand/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTemplate } from '../read-template.ts';
import { samplePlan } from '../rig/sample-plan.ts';
import type { ServiceScope } from '../service-state.ts';
import { quote, unquote } from './escape.ts';
import { readUnitEnvironment, renderUnit } from './render-unit.ts';

const TEMPLATE = readTemplate('systemd/errand.service');
const ANALYZE = '/usr/bin/systemd-analyze';
const missing = whyNoAnalyze();
const line = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text));

test('whatever a value holds, it is read back as it was', () => {
  fc.assert(
    fc.property(line, (text) => {
      expect(unquote(quote(text))).toBe(text);
      const environment = [['PATH', text] as const, ['ERRAND_CONFIG', `${text}%h $HOME "x" \\`] as const];
      expect(readUnitEnvironment(renderUnit(TEMPLATE, samplePlan({ environment })))).toEqual(environment);
    }),
  );
});

test('a user of the machine and the machine itself have different units, and both say what they are', () => {
  const user = renderUnit(TEMPLATE, samplePlan());
  const system = renderUnit(TEMPLATE, samplePlan({ scope: 'system', hardened: false }));
  expect(user).toContain('ExecStart=/bin/sh "/home/me/errand/scripts/errand" worker\n');
  expect(user).toContain('WantedBy=default.target');
  expect(user).not.toMatch(/^User=|network-online/m);
  expect(system).toMatch(/^User=me\nWorkingDirectory=~$/m);
  expect(system).toContain('After=network-online.target');
  expect(system).toContain('WantedBy=multi-user.target');
});

test('where agents may do everything, nothing is set that would keep sudo from working', () => {
  const settings =
    /^(?:NoNewPrivileges|Restrict\w+|SystemCall\w+|Protect\w+|Private\w+|LockPersonality|MemoryDeny\w+|CapabilityBoundingSet)=/m;
  expect(renderUnit(TEMPLATE, samplePlan({ hardened: false }))).not.toMatch(settings);
  expect(renderUnit(TEMPLATE, samplePlan({ hardened: true }))).toMatch(settings);
});

describe.skipIf(missing !== null && process.env.CI !== 'true')(
  `systemd-analyze${missing === null ? '' : ` (${missing})`}`,
  () => {
    test.each<[ServiceScope, boolean]>([
      ['user', true],
      ['user', false],
      ['system', true],
      ['system', false],
    ])(
      'takes the unit of the scope %s (hardened: %s) without a remark, from a folder with an odd name too',
      async (scope, hardened) => {
        await using folder = temporaryDirectory();
        const root = join(folder.path, 'it\'s 100% "my" $HOME \\ errand ü');
        await mkdir(join(root, 'scripts'), { recursive: true });
        await writeFile(join(root, 'scripts', 'errand'), '#!/bin/sh\n');
        await chmod(join(root, 'scripts', 'errand'), 0o755);
        const unit = join(folder.path, 'errand.service');
        const environment = [['PATH', '/home/a b/100%/"bin":/usr/bin'] as const];
        await writeFile(unit, renderUnit(TEMPLATE, samplePlan({ scope, hardened, root, user: 'root', environment })));
        const env = { ...hermeticEnv(folder.path), XDG_RUNTIME_DIR: folder.path };
        const kind = scope === 'user' ? ['--user'] : [];
        const verified = await runCommand(ANALYZE, [...kind, '--man=no', '--recursive-errors=no', 'verify', unit], { env });
        expect(verified).toEqual({ exitCode: 0, stdout: '', stderr: '' });
      },
    );

    test('the hardened unit is exposed less than the other, and no more than it was', async () => {
      await using folder = temporaryDirectory();
      const env = { ...hermeticEnv(folder.path), XDG_RUNTIME_DIR: folder.path };
      const passes = async (hardened: boolean, threshold: number): Promise<boolean> => {
        const unit = join(folder.path, 'errand.service');
        await writeFile(unit, renderUnit(TEMPLATE, samplePlan({ scope: 'system', hardened })));
        const args = ['security', '--offline=true', '--no-pager', `--threshold=${threshold}`, unit];
        return (await runCommand(ANALYZE, args, { env })).exitCode === 0;
      };
      expect([await passes(true, 80), await passes(false, 80), await passes(false, 95)]).toEqual([true, false, true]);
    });
  },
);

function whyNoAnalyze(): string | null {
  try {
    accessSync(ANALYZE);
    return null;
  } catch {
    return 'systemd is not installed';
  }
}
