import { describe, expect, test } from 'vitest';
import { cacheName } from './clone-cache.ts';
import { hideSecrets, whyNotABase, whyNotARemote } from './remote-address.ts';

describe('the address of a repository', () => {
  test.each([
    'https://example.org/a/b.git',
    'http://user:secret@example.org:8080/b',
    'ssh://git@example.org:22/b.git',
    'git+ssh://example.org/b',
    'git://example.org/b',
    'file:///srv/b.git',
    '/srv/b.git',
    'git@example.org:a/b.git',
    'host:b.git',
    'git@[::1]:b.git',
  ])('may be %s', (remote) => {
    expect(whyNotARemote(remote)).toBeNull();
  });

  test.each([
    ['--upload-pack=touch x', 'starts with'],
    ['-oProxyCommand=x:y', 'starts with'],
    ['ext::sh -c true', 'transport program'],
    ['fd::7', 'transport program'],
    ['ftp://example.org/x', 'ftp is not allowed'],
    ['relative/path', 'neither a URL nor'],
    ['../up', 'neither a URL nor'],
    ['~/x', 'neither a URL nor'],
    ['/some\nwhere', 'control character'],
    ['', 'empty'],
  ])('may not be %j', (remote, why) => {
    expect(whyNotARemote(remote)).toContain(why);
  });

  test('names a clone of its own, in which no password shows', () => {
    const name = cacheName('https://me:secret@example.org/team/My_App.git/');
    expect(name).toMatch(/^my-app-[0-9a-f]{16}$/);
    expect(cacheName('https://me:secret@example.org/other/My_App.git/')).not.toBe(name);
    expect(cacheName('/')).toMatch(/^repository-[0-9a-f]{16}$/);
  });

  test('is shown without what is secret in it, on one line', () => {
    expect(hideSecrets('at https://me:s3cret@example.org/x\nAuthorization: Basic abcd')).toBe(
      'at https://example.org/x Authorization: …',
    );
  });
});

describe('the name of a base', () => {
  test.each(['main', 'feature/x-1', 'v1.2.3', 'refs/heads/main', '0a1b2c3', 'größe', 'a@b', '2026-11-20'])(
    'may be %s',
    (base) => {
      expect(whyNotABase(base)).toBeNull();
    },
  );

  const refused = [
    '',
    '--force',
    '-',
    'a b',
    'a..b',
    'HEAD:x',
    'x^{tree}',
    'x~1',
    'a*',
    'a?',
    'a[b',
    'a\\b',
    'x.lock',
    'x.lock/y',
  ];
  test.each([...refused, '@', 'a@{1}', '.a', 'a/.b', 'a.', '/a', 'a/', 'a//b', 'a\u0000b', 'a\nb', 'a'.repeat(251)])(
    'may not be %j',
    (base) => {
      expect(whyNotABase(base)).not.toBeNull();
    },
  );
});
