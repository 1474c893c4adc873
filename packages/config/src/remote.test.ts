import { describe, expect, it, test } from 'vitest';
import { defaultPushBudget, pushBudget } from './push-budget.ts';
import { classifyRemote } from './remote.ts';
import { emptyQueueConfig } from './resolve-queue.ts';

describe('classifyRemote', () => {
  it.each([
    ['/srv/q.git', { kind: 'path' }],
    ['./a:b', { kind: 'path' }],
    ['q.git', { kind: 'path' }],
    ['dir/a:b', { kind: 'path' }],
    ['~/q.git', { kind: 'path' }],
    ['pi:q.git', { kind: 'ssh', host: 'pi' }],
    ['git@Host.Example:q.git', { kind: 'ssh', host: 'host.example' }],
    ['git@[::1]:q.git', { kind: 'ssh', host: '[::1]' }],
    ['ext::sh -c id', { kind: 'helper', name: 'ext' }],
    ['file:///srv/q.git', { kind: 'url', scheme: 'file', host: '', password: false }],
    ['ssh://git@host:22/q', { kind: 'url', scheme: 'ssh', host: 'host', password: false }],
    ['HTTPS://me:pw@host/q', { kind: 'url', scheme: 'https', host: 'host', password: true }],
    ['https://me:@host/q', { kind: 'url', scheme: 'https', host: 'host', password: false }],
    ['https://host/a@b:c', { kind: 'url', scheme: 'https', host: 'host', password: false }],
  ])('reads %s as git does', (text, remote) => {
    expect(classifyRemote(text)).toEqual(remote);
  });
});

describe('defaultPushBudget', () => {
  it.each([
    'https://github.com/me/q.git',
    'https://me:token@GitHub.com/me/q.git',
    'git@github.com:me/q.git',
    'github.com:me/q.git',
    'ssh://git@github.com/me/q.git',
    'ssh://git@ssh.github.com:443/me/q.git',
    'git@gitlab.com:me/q.git',
    'https://bitbucket.org/me/q',
    'https://codeberg.org/me/q',
  ])('is 6 a minute for %s', (remote) => {
    expect(defaultPushBudget(remote)).toBe(6);
  });

  it.each([
    '/srv/github.com/q.git',
    'github.com/me/q.git',
    'https://git.example/github.com/q.git',
    'https://github.com.example/q.git',
    'https://notgithub.com/q.git',
    'https://gitlab.example.com/q.git',
    'pi:q.git',
    'file:///github.com/q.git',
  ])('is none for %s', (remote) => {
    expect(defaultPushBudget(remote)).toBeNull();
  });
});

test.each<['by-host' | number | null, number | null, number | null]>([
  ['by-host', 6, null],
  [2.5, 2.5, 2.5],
  [null, null, null],
])('with `pushes` %s a queue on github.com has a budget of %s, and one on a path %s', (pushes, onGitHub, onPath) => {
  const config = { ...emptyQueueConfig(), pushes };
  expect(pushBudget(config, 'git@github.com:me/queue.git')).toBe(onGitHub);
  expect(pushBudget(config, '/srv/queue.git')).toBe(onPath);
});
