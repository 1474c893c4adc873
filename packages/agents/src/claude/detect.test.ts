import { expect, test } from 'vitest';
import { RECORDED_VERSIONS, readFixture } from '../rig/claude/fixture.ts';
import { loginProbe, parseVersion } from './detect.ts';

test('a version is read from what Claude Code prints, and from nothing else', () => {
  expect(parseVersion('2.1.328 (Claude Code)\n')).toBe('2.1.328');
  expect(parseVersion('3.0.0-beta.1 (Claude Code)')).toBe('3.0.0-beta.1');
  expect(parseVersion('claude 1.2.3')).toBeNull();
  expect(parseVersion('')).toBeNull();
});

const STATES = [
  ['done-with-tool', 'logged-in'],
  ['limited-until', 'logged-in'],
  ['unauthorized', 'not-logged-in'],
  ['forbidden', 'not-logged-in'],
  ['not-logged-in', 'not-logged-in'],
  ['credit-too-low', 'not-logged-in'],
  ['overloaded', 'unknown'],
  ['connection-refused', 'unknown'],
  ['timed-out-hanging', 'unknown'],
] as const;

test.each(RECORDED_VERSIONS.flatMap((version) => STATES.map(([name, kind]) => [version, name, kind] as const)))(
  'an account of which Claude Code %s hears %s is %s',
  (version, name, kind) => {
    const { end } = readFixture(version, name);
    const probe = loginProbe({ bin: 'claude', env: {}, configDir: '/place/claude', permissions: 'plan' }, '/place/tmp');
    probe.hear(end.stdout);
    expect(probe.judge(end).kind).toBe(kind);
  },
);

test('a probe keeps no session and offers no tools', () => {
  const { command } = loginProbe({ bin: 'claude', env: {}, configDir: '/c', permissions: 'bypass' }, '/tmp');
  expect(command.argv).toEqual(expect.arrayContaining(['--no-session-persistence', '--tools=']));
  expect(command.argv.join(' ')).not.toContain('bypass');
});

test('a probe reads the settings of a folder that the machine chose, and none in ours, where only an attempt can have put them', () => {
  const sourcesFor = (env: Record<string, string>) =>
    loginProbe({ bin: 'claude', env, configDir: '/c', permissions: 'plan' }, '/tmp').command.argv.filter((word) =>
      word.startsWith('--setting-sources'),
    );
  expect(sourcesFor({})).toEqual(['--setting-sources=']);
  expect(sourcesFor({ CLAUDE_CONFIG_DIR: '/home/me/.claude' })).toEqual(['--setting-sources=user']);
});
