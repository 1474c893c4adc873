import { describe, expect, it } from 'vitest';
import { defaultMachineName } from './host.ts';
import { expandPath } from './paths.ts';
import { MACHINE_NAME } from './shapes.ts';
import { stateDir } from './state-dir.ts';

describe('expandPath', () => {
  it('knows the home, absolute and relative paths', () => {
    expect(expandPath('~', '/from', '/home/me')).toBe('/home/me');
    expect(expandPath('~/a', '/from', '/home/me')).toBe('/home/me/a');
    expect(expandPath('/a/../b', '/from', '/home/me')).toBe('/b');
    expect(expandPath('../a', '/from', '/home/me')).toBe('/a');
    expect(expandPath('~you/a', '/from', '/home/me')).toBe('/from/~you/a');
  });
});

describe('stateDir', () => {
  it('is what ERRAND_STATE_DIR says, else under XDG_STATE_HOME, else under the home', () => {
    const env = { HOME: '/home/me', XDG_STATE_HOME: '/state', ERRAND_STATE_DIR: '~/errand' };
    expect(stateDir(env)).toBe('/home/me/errand');
    expect(stateDir({ ...env, ERRAND_STATE_DIR: '' })).toBe('/state/errand');
    expect(stateDir({ ...env, ERRAND_STATE_DIR: '', XDG_STATE_HOME: 'relative' })).toBe('/home/me/.local/state/errand');
  });
});

describe('defaultMachineName', () => {
  it.each([
    ['Pi.local', 'pi'],
    ['my_box', 'my-box'],
    ['-x-', 'x'],
    ['any', 'machine'],
    ['', 'machine'],
    ['ünder', 'nder'],
    ['a'.repeat(80), 'a'.repeat(63)],
  ])('makes of the host name %s a valid machine name', (hostname, name) => {
    expect(defaultMachineName(hostname)).toBe(name);
    expect(name).toMatch(MACHINE_NAME.pattern);
  });
});
