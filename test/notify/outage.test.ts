import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { isEvent, script } from '../rig/scene.ts';
import { NotifyScene, TOKEN, troubles } from './notify-scene.ts';

/** 40,000 characters of up to four bytes, with quotes, which JSON doubles. */
const HUGE = `yes 'äöü€🦊 "so" \\' | head -n 3000`;
const MARKDOWN = `printf '%s\\n' '![x](https://evil.example/seen.png) [pay](https://evil.example) <b>' '# Big'; printf 'a\\033[31mred\\033[0m\\342\\200\\256desrever\\n'`;

test('a server that is away while five tasks end, and a worker killed between recording and telling: each is told once, as it ended', async () => {
  await using scene = await NotifyScene.open();
  const { queue, ntfy } = scene;
  await using gates = new Gates(join(queue.folder, 'gates'));
  await ntfy.goAway();
  await scene.file({
    huge: script(HUGE, 'title: A huge answer'),
    marked: script(MARKDOWN, 'title: "A **marked** [answer](https://evil.example)"'),
    broken: script('echo it broke; exit 3', 'retries: 0'),
    stopped: script(`echo ready\n${await gates.build('stopped')}`),
    spies: script('env; cat /proc/self/environ | tr "\\\\0" "\\\\n"'),
  });
  const killed = await scene.worker('pi', { slots: 5, killAt: 'push-ended:fold' });
  await killed.exited;
  expect(await queue.files()).toContainEqual(expect.stringMatching(/^results\//));
  expect(killed.all('recorded')).toEqual([]);

  const pi = await scene.worker('pi', { slots: 5 });
  for (const id of ['huge', 'marked', 'broken', 'spies']) await pi.waitFor(isEvent('recorded', id), `the result of ${id}`);
  await pi.waitFor(isEvent('spawned', 'stopped'), 'the task that is to be removed');
  const ada = await queue.person('Grace');
  await ada.remove('tasks/stopped.md');
  await ada.commit();
  await ada.push();
  await pi.waitFor(isEvent('recorded', 'stopped'), 'the cancelled task');
  await pi.waitFor(isEvent('trouble'), 'the outage');
  expect(troubles(pi)).toEqual([expect.stringMatching(/cannot be reached: .*; \d kept, next try in \d+ s$/)]);
  pi.signal('SIGKILL');
  await pi.exited;

  await ntfy.comeBack();
  const again = await scene.worker('pi');
  await ntfy.received('errand', 5);
  // One more, so that what would come twice has come by now.
  await scene.file({ last: script('echo last') });
  await ntfy.received('errand', 6);
  const arrived = new Map(scene.arrived().map((event) => [event.title, event]));
  expect([...arrived.keys()].sort()).toEqual([
    'Cancelled: echo ready',
    'Done: A **marked** [answer](https://evil.example)',
    'Done: A huge answer',
    expect.stringMatching(/^Done: echo last/),
    expect.stringMatching(/^Done: env; cat/),
    expect.stringMatching(/^Failed: echo it broke/),
  ]);
  expect(scene.arrived()).toHaveLength(6);
  expect(new Set(scene.asked().map(({ sequence_id }) => sequence_id)).size).toBe(6);
  const [cancelled, marked, huge, , spies, failed] = [...arrived.keys()].sort().map((title) => arrived.get(title));
  expect(marked).toMatchObject({ priority: 3, tags: ['white_check_mark'] });
  expect(failed).toMatchObject({ priority: 4, tags: ['x'], message: expect.stringContaining('it broke') });
  expect(cancelled).toMatchObject({ priority: 2, tags: ['no_entry_sign'] });

  const long = huge?.message ?? '';
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(4_095);
  expect(Buffer.byteLength(long)).toBeGreaterThan(2_500);
  expect(long).toMatch(/🦊 "so" \\\n…\n\nThe rest is in results\/[-\d]+\/huge\.md$/u);
  expect(long).not.toContain('\ufffd');
  // Plain text: nothing asks the phone to render it, and what would hide or recolour is gone.
  expect(marked?.message).toContain('![x](https://evil.example/seen.png) [pay](https://evil.example) <b>\n# Big\nareddesrever');
  expect(marked).not.toHaveProperty('content_type');
  for (const { headers, body } of ntfy.requests) {
    expect(headers).not.toHaveProperty('x-markdown');
    expect(JSON.parse(body)).not.toHaveProperty('markdown');
  }
  expect(spies?.message).toContain('ERRAND_ID=spies');

  await again.stop();
  for (const worker of [killed, pi, again]) expect(JSON.stringify(worker.events) + worker.errors).not.toContain(TOKEN);
  expect(scene.findInState('pi', TOKEN)).toEqual([]);
  const objects = await queue.remote.repository.git('cat-file', '--batch-all-objects', '--batch');
  expect(objects).toContain('it broke');
  expect(objects).not.toContain(TOKEN);
});
