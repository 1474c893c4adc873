import { expect, test } from 'vitest';
import { buildEnvironment, readHostEnvironment } from './environment.ts';

const poisoned = {
  PATH: 'node_modules/.bin:/opt/bin::./here:/usr/bin',
  LANG: 'de_DE.UTF-8',
  LC_ALL: 'C',
  TZ: 'Europe/Berlin',
  HOME: '/root',
  TMPDIR: '/somewhere',
  SSH_AUTH_SOCK: '/tmp/agent',
  GIT_DIR: '/x',
  GIT_SSH_COMMAND: 'evil',
  ERRAND_CONFIG: '/x',
  ERRAND_QUEUE: '/x',
  ERRAND_STATE_DIR: '/x',
  GITHUB_TOKEN: 'secret',
  ANTHROPIC_API_KEY: 'secret',
  NODE_OPTIONS: '--require /x',
  LD_PRELOAD: '/x',
  BASH_ENV: '/x',
  ENV: '/x',
  npm_config_registry: 'x',
  XDG_RUNTIME_DIR: '/run/user/0',
  DBUS_SESSION_BUS_ADDRESS: 'x',
  USER: 'forged',
  SHELL: '/bin/zsh',
};
const folders = { home: '/s/run/n/home', tmp: '/s/run/n/tmp' };

test('a poisoned environment leaves nothing but the search path, language and time zone', () => {
  const { USER, LOGNAME, ...built } = buildEnvironment(readHostEnvironment(poisoned), folders, { ERRAND_ID: 'hello' });
  expect(built).toEqual({
    PATH: '/opt/bin:/usr/bin',
    LANG: 'de_DE.UTF-8',
    LC_ALL: 'C',
    TZ: 'Europe/Berlin',
    TERM: 'dumb',
    SHELL: '/bin/sh',
    HOME: '/s/run/n/home',
    TMPDIR: '/s/run/n/tmp',
    XDG_CONFIG_HOME: '/s/run/n/home/.config',
    XDG_DATA_HOME: '/s/run/n/home/.local/share',
    XDG_STATE_HOME: '/s/run/n/home/.local/state',
    XDG_CACHE_HOME: '/s/run/n/home/.cache',
    ERRAND_ID: 'hello',
  });
  expect(USER).toBe(LOGNAME);
  expect(USER).not.toBe('forged');
});

test('an empty environment gets what programs need', () => {
  const built = buildEnvironment(readHostEnvironment({}), folders, {});
  expect(built).toMatchObject({ PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' });
  expect(built).not.toHaveProperty('TZ');
});

test('what the machine configures for the agent goes over the rest', () => {
  const built = buildEnvironment(readHostEnvironment(poisoned), folders, {
    HOME: '/home/agent',
    NODE_OPTIONS: '--max-old-space-size=99',
  });
  expect(built).toMatchObject({ HOME: '/home/agent', NODE_OPTIONS: '--max-old-space-size=99' });
});
