import { expect, test } from 'vitest';
import { chooseServicePath, type PathFacts } from './choose-path.ts';

const USUAL = '/home/me/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

function choose(changes: Partial<PathFacts>): string {
  const facts: PathFacts = {
    path: '',
    home: '/home/me',
    node: '/usr/bin/node',
    programs: [],
    isTrusted: () => true,
    resolve: (program) => (program === '/usr/bin/node' ? program : null),
    ...changes,
  };
  return chooseServicePath(facts);
}

test('the folders of whoever installs come first, in their order, and the usual ones after them', () => {
  expect(choose({ path: '/home/me/.cargo/bin:/usr/bin:/home/me/.cargo/bin' })).toBe(
    `/home/me/.cargo/bin:/usr/bin:${USUAL.replace('/usr/bin:', '')}`,
  );
});

test('what is gone at the next start, is not absolute, or others may write to, is left out', () => {
  const path = '/run/user/1000/fnm_multishells/1/bin:/tmp/x:bin:.::/home/me/app/node_modules/.bin:/shared:/home/me/bad\nline';
  expect(choose({ path, isTrusted: (folder) => folder !== '/shared' })).toBe(USUAL);
});

test('what a system has for good below /run is kept', () => {
  const path = '/run/wrappers/bin:/run/current-system/sw/bin:/var/run/user/1000/x';
  expect(choose({ path })).toBe(`/run/wrappers/bin:/run/current-system/sw/bin:${USUAL}`);
});

test('an agent that was found outside of them is found by the service too', () => {
  expect(choose({ programs: ['/opt/claude/bin/claude', '/usr/bin/git'] })).toBe(
    `/opt/claude/bin:/usr/bin:${USUAL.replace('/usr/bin:', '')}`,
  );
});

test('the first node is the one that installs, also where another stands before it', () => {
  const node = '/home/me/.nvm/versions/node/v20.19.0/bin/node';
  const resolve = (program: string) => (program === '/usr/bin/node' || program === node ? program : null);
  expect(choose({ node, resolve })).toBe(`/home/me/.nvm/versions/node/v20.19.0/bin:${USUAL}`);
  const path = '/home/me/.nvm/versions/node/v20.19.0/bin:/usr/bin';
  expect(choose({ node, resolve, path }).split(':').slice(0, 2)).toEqual([
    '/home/me/.nvm/versions/node/v20.19.0/bin',
    '/usr/bin',
  ]);
});
