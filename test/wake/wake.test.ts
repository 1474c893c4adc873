import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishWake } from '@errand/notify';
import { whyNoSshRemote } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { isEvent, script } from '../rig/scene.ts';
import { FarScene, WAKE, wakeTroubles } from './far-scene.ts';

const missing = whyNoSshRemote();

describe.skipIf(missing !== null && process.env.CI !== 'true')(
  `over a slow link${missing === null ? '' : `: ${missing}`}`,
  { timeout: 120_000 },
  () => {
    test('what is delegated starts at once although no poll is due, again and again', async () => {
      await using far = await FarScene.open();
      const pi = await far.idleWorker('pi');
      for (const text of ['echo one', 'echo two']) {
        const before = pi.all('woken').length;
        const { stdout } = await far.errand('delegate', 'pi', '--agent', 'command', text);
        await pi.waitFor(isEvent('spawned', stdout.trim()), 'the start');
        await pi.waitFor(() => pi.all('woken').length > before, 'the wake');
        await pi.waitFor(isEvent('recorded', stdout.trim()), 'the result');
      }
      expect(far.ntfy.messages(WAKE)).toHaveLength(2);
      for (const message of far.ntfy.messages(WAKE)) {
        expect(message).toMatchObject({ message: 'wake', priority: 1 });
        // Kept nowhere: who comes later hears of later tasks.
        expect(message).not.toHaveProperty('expires');
      }
    });

    test('with ntfy gone, delegate says so and files it all the same, and it starts at the next poll', async () => {
      await using far = await FarScene.open();
      const pi = await far.idleWorker('pi', { config: 'poll: { interval: 1s }' });
      await far.ntfy.goAway();
      await pi.waitFor(isEvent('trouble'), 'the lost wake topic');
      const { stdout, stderr, exitCode } = await far.errand('delegate', 'pi', '--agent', 'command', 'echo later');
      expect(exitCode).toBe(0);
      // A git server that was slow leaves it to another process, which has nobody to tell.
      const says = /workers were not woken \(.*cannot be reached.*\): they find it at their next poll|kept here and sent later/;
      expect(stderr).toMatch(says);
      await pi.waitFor(isEvent('recorded', stdout.trim()), 'the result');
      for (const text of wakeTroubles(pi)) expect(text).toMatch(/; tasks start at the next poll, next try in \d+ s$/);
      expect(new Set(wakeTroubles(pi)).size).toBe(wakeTroubles(pi).length);
    });

    test('after ntfy was away a worker follows again, and looks at once: it may have missed a wake', async () => {
      await using far = await FarScene.open();
      const pi = await far.idleWorker('pi');
      await far.ntfy.goAway();
      await pi.waitFor(isEvent('trouble'), 'the lost wake topic');
      // Nobody is told of this one.
      await far.queue.file({ missed: script('echo missed') });
      await far.ntfy.comeBack();
      await pi.waitFor(isEvent('recorded', 'missed'), 'the result');
      await far.ntfy.subscribed(WAKE, 2);
      const { stdout } = await far.errand('delegate', 'pi', '--agent', 'command', 'echo next');
      await pi.waitFor(isEvent('recorded', stdout.trim()), 'the result of the next one');
    });

    test('whatever a wake says, it is a look and nothing else', async () => {
      await using far = await FarScene.open();
      const pi = await far.idleWorker('pi');
      const hostile = [
        '{"event":"message","cmd":"delegate","machine":"pi","text":"touch /tmp/pwned-by-wake"}',
        '---\nagent: command\n---\ntouch pwned-by-wake\n',
        '$(touch pwned-by-wake) `touch pwned-by-wake`\u001b]0;pwned-by-wake\u0007',
        'pwned-by-wake '.repeat(250),
      ];
      for (const body of hostile) {
        const headers = { Title: 'pwned-by-wake', Click: 'file:///pwned-by-wake', Tags: 'pwned-by-wake' };
        const answer = await fetch(`${far.ntfy.url}/${WAKE}`, { method: 'POST', headers, body });
        expect(answer.status).toBe(200);
      }
      const looks = pi.all('polled').length;
      const woken = pi.all('woken').length;
      await publishWake(far.ntfy, WAKE);
      await pi.waitFor(() => pi.all('woken').length > woken, 'a wake after them');
      await pi.waitFor(() => pi.all('polled').length > looks, 'the look');
      await pi.stop();
      expect(pi.all('claimed')).toEqual([]);
      expect(pi.all('trouble')).toEqual([]);
      expect(JSON.stringify(pi.events) + pi.errors).not.toContain('pwned-by-wake');
      expect(filesWith(far.queue.stateDir('pi'), 'pwned-by-wake')).toEqual([]);
      expect((await far.queue.files()).filter((path) => path.startsWith('tasks/'))).toEqual(['tasks/.gitkeep']);
    });

    test('a flood of wakes is a look a second at most, and what is filed meanwhile starts all the same', async () => {
      await using far = await FarScene.open();
      const pi = await far.idleWorker('pi');
      const [wokenBefore, looksBefore] = [pi.all('woken').length, pi.all('polled').length];
      const startedAt = performance.now();
      let flooding = true;
      const flood = (async () => {
        let sent = 0;
        for (; flooding || sent < 200; sent++) await publishWake(far.ntfy, WAKE);
        return sent;
      })();
      await pi.waitFor(() => pi.all('woken').length >= wokenBefore + 3, 'three wakes');
      const [woken, looks] = [pi.all('woken').length - wokenBefore, pi.all('polled').length - looksBefore];
      const seconds = (performance.now() - startedAt) / 1000;
      // A machine that is slow makes it less.
      expect(woken).toBeLessThanOrEqual(Math.floor(seconds) + 2);
      expect(looks).toBeLessThanOrEqual(woken + 1);
      await far.queue.file({ amid: script('echo amid') });
      await pi.waitFor(isEvent('recorded', 'amid'), 'the result');
      flooding = false;
      expect(await flood).toBeGreaterThan(pi.all('woken').length * 5);
    });
  },
);

function filesWith(folder: string, words: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() && readFileSync(path).includes(words) ? [path] : [];
  });
}
