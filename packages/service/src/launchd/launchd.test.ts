import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hermeticEnv, runCommand, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { readTemplate } from '../read-template.ts';
import { recordingHost } from '../rig/recording-host.ts';
import { samplePlan } from '../rig/sample-plan.ts';
import { launchdManager, readPrinted } from './launchd-manager.ts';
import { readPlistEnvironment, renderPlist } from './render-plist.ts';

const TEMPLATE = readTemplate('launchd/dev.errand.worker.plist');
const ODD = samplePlan({
  root: '/Users/me/a -- & <b>',
  home: '/Users/me',
  environment: [
    ['PATH', '/opt/home brew/bin:/usr/bin'],
    ['ERRAND_CONFIG', '/Users/me/<&>.yaml'],
  ],
});

test('the property list gives back what was put in, whatever XML thinks of it', () => {
  const text = renderPlist(TEMPLATE, ODD);
  expect(readPlistEnvironment(text)).toEqual(ODD.environment);
  expect(text).toContain('<string>/Users/me/a -- &amp; &lt;b&gt;/scripts/errand</string>');
  // The worker's grace, and a margin: launchd cannot be asked for more.
  expect(text).toMatch(/<key>ExitTimeOut<\/key>\s*<integer>65<\/integer>/);
  expect(text).not.toContain('UserName');
  expect(renderPlist(TEMPLATE, samplePlan({ scope: 'system' }))).toMatch(/<key>UserName<\/key>\s*<string>me<\/string>/);
});

test('a reader of property lists reads it', async ({ skip }) => {
  if (!['/usr/bin/python3', '/usr/local/bin/python3'].some((path) => existsSync(path))) {
    // Where there is none, every tag that is opened is closed in its order.
    const open: string[] = [];
    for (const [, close, name = '', own] of renderPlist(TEMPLATE, ODD).matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (close) expect(open.pop()).toBe(name);
      else if (!own) open.push(name);
    }
    expect(open).toEqual([]);
    return;
  }
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'x.plist');
  await writeFile(path, renderPlist(TEMPLATE, ODD));
  const script = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';
  const read = await runCommand('python3', ['-c', script, path], {
    env: { ...hermeticEnv(folder.path), PATH: '/usr/local/bin:/usr/bin' },
  });
  if (/No module named/.test(read.stderr)) skip('this python has no plistlib');
  expect(JSON.parse(read.stdout)).toMatchObject({
    Label: 'dev.errand.worker',
    ProgramArguments: ['/Users/me/a -- & <b>/scripts/errand', 'worker'],
    EnvironmentVariables: Object.fromEntries(ODD.environment),
    KeepAlive: true,
    RunAtLoad: true,
  });
});

test('launchctl is called as launchd wants it: bootout, enable, bootstrap, and TERM for a restart', async () => {
  const host = recordingHost({ home: '/Users/me', platform: 'darwin', uid: 501 });
  const manager = launchdManager(host, 'user', 1);
  const [there, gone] = [{ exitCode: 0 }, { exitCode: 113 }];
  // The worker takes its grace, and launchd its time.
  host.answers.set('launchctl print', [there, there, gone]);
  host.answers.set('launchctl bootout', [{ exitCode: 36, stderr: 'Operation now in progress' }]);
  host.answers.set('launchctl bootstrap', [{ exitCode: 5, stderr: 'Input/output error' }, { exitCode: 0 }]);
  expect(await manager.enable(1_000)).toEqual({ ok: true, ready: null });
  await manager.restart(1_000);
  host.answers.set('launchctl print', [there, gone]);
  expect(await manager.disable(1_000)).toEqual({ ok: true });
  const plist = '/Users/me/Library/LaunchAgents/dev.errand.worker.plist';
  expect(host.calls).toEqual([
    'launchctl print gui/501/dev.errand.worker',
    'launchctl bootout gui/501/dev.errand.worker',
    'launchctl print gui/501/dev.errand.worker',
    'launchctl print gui/501/dev.errand.worker',
    'launchctl enable gui/501/dev.errand.worker',
    `launchctl bootstrap gui/501 ${plist}`,
    `launchctl bootstrap gui/501 ${plist}`,
    'launchctl kill SIGTERM gui/501/dev.errand.worker',
    'launchctl print gui/501/dev.errand.worker',
    'launchctl bootout gui/501/dev.errand.worker',
    'launchctl print gui/501/dev.errand.worker',
  ]);
  // A label that stays taken is told, and nothing is loaded over it.
  host.answers.set('launchctl print', there);
  expect(await manager.enable(3)).toMatchObject({ ok: false, failure: { code: 'still-stopping' } });
  expect(host.calls.filter((call) => call.startsWith('launchctl bootstrap'))).toHaveLength(2);
});

test('what launchctl prints for people is read with care', () => {
  const printed = 'gui/501/dev.errand.worker = {\n\tactive count = 1\n\tstate = running\n\n\truns = 3\n\tpid = 812\n}\n';
  expect(readPrinted(printed, '')).toMatchObject({ active: 'active', enabled: true, mainPid: 812, restarts: 2 });
  expect(readPrinted(printed, '\t"dev.errand.worker" => disabled\n')).toMatchObject({ enabled: false });
  expect(readPrinted('nothing that is known', '')).toMatchObject({ active: 'unknown', mainPid: null, restarts: null });
  expect(readPrinted(null, '')).toMatchObject({ active: 'inactive', enabled: false });
});
