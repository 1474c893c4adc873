import { expect, test } from 'vitest';
import { gitEnvironment } from './git-environment.ts';

test('takes out what would lead git to another repository or make it talk', () => {
  const env = gitEnvironment({
    GIT_DIR: '/x',
    GIT_WORK_TREE: '/x',
    GIT_INDEX_FILE: 'i',
    GIT_OBJECT_DIRECTORY: 'o',
    GIT_TRACE: '1',
    GIT_TRACE_CURL: '1',
    GIT_CONFIG_PARAMETERS: "'a=b'",
    SSH_ASKPASS: 'x',
  });
  expect(
    Object.keys(env)
      .filter((name) => name.startsWith('GIT_') || name === 'SSH_ASKPASS')
      .sort(),
  ).toEqual(['GIT_NO_LAZY_FETCH', 'GIT_NO_REPLACE_OBJECTS', 'GIT_OPTIONAL_LOCKS', 'GIT_TERMINAL_PROMPT']);
});

test('keeps how a person reaches the remote', () => {
  const mine = {
    GIT_SSH_COMMAND: 'ssh -v',
    SSH_AUTH_SOCK: '/s',
    GIT_CONFIG_GLOBAL: '/c',
    GIT_CONFIG_COUNT: '0',
    https_proxy: 'p',
    HOME: '/h',
  };
  expect(gitEnvironment(mine)).toMatchObject(mine);
});

test('makes git speak plainly and ask nothing', () => {
  expect(gitEnvironment({ LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de', GIT_TERMINAL_PROMPT: '1' })).toMatchObject({
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
    SSH_ASKPASS_REQUIRE: 'never',
  });
});
