import { expect, test } from 'vitest';
import { until } from '../rig/processes.ts';
import { isEvent, script } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { NotifyScene } from './notify-scene.ts';

const SHORT_LEASE = 'lease: { heartbeat: 1s, ttl: 3s }';

test('a file that cannot be run is told once for each text of it, by one of two workers, over a restart', async () => {
  await using scene = await NotifyScene.open();
  await scene.queue.errand('laptop', 'init', scene.queue.remote.url);
  const workers = [await scene.worker('pi'), await scene.worker('vm')];
  for (const worker of workers) await worker.waitFor(isEvent('push-ended'), 'a heartbeat');
  await scene.file({ wrong: '---\ntimeot: 1m\n---\nWork.\n' });
  await scene.ntfy.received('errand', 1);
  await scene.file({ wrong: '---\ntimeot: 2m\n---\nWork.\n' });
  await scene.ntfy.received('errand', 2);
  const blob = (await scene.queue.remote.repository.git('rev-parse', 'main:tasks/wrong.md')).trim();
  const hasTold = (worker: WorkerProcess): boolean => worker.all('notified').some(({ key }) => key.endsWith(blob));
  await until(() => workers.some(hasTold));
  // The one that told it goes last: of a text that nobody else has told, another one tells once it is the first.
  workers.sort((one, other) => Number(hasTold(one)) - Number(hasTold(other)));
  for (const worker of workers) await worker.stop();
  const again = await scene.worker(workers.at(-1)?.machine ?? '');
  await again.waitFor(isEvent('invalid'), 'the invalid file, seen anew');
  await scene.file({ last: script('echo last', 'title: last') });
  await scene.ntfy.received('errand', 3);
  expect(scene.titles()).toEqual(['tasks/wrong.md cannot be run', 'tasks/wrong.md cannot be run', 'Done: last']);
  const [first] = scene.arrived();
  expect(first).toMatchObject({
    priority: 4,
    tags: ['warning'],
    message: expect.stringContaining('`timeot` is not a known key'),
  });
  expect(first?.message).toContain('Line 2');
});

test('a worker that died is told urgently, once, by whoever freed its tasks', async () => {
  await using scene = await NotifyScene.open();
  await scene.file({ slow: script('[ "$ERRAND_ATTEMPT" = 2 ] || sleep 600', 'title: slow') });
  const pi = await scene.worker('pi', { config: SHORT_LEASE });
  await pi.waitFor(isEvent('spawned', 'slow'), 'the run');
  const others = [await scene.worker('vm', { config: SHORT_LEASE }), await scene.worker('nas', { config: SHORT_LEASE })];
  for (const worker of others) await worker.waitFor(isEvent('push-ended'), 'a heartbeat');
  pi.signal('SIGKILL');
  await pi.exited;
  await scene.ntfy.received('errand', 2);
  await scene.file({ last: script('echo last', 'title: last') });
  await scene.ntfy.received('errand', 3);
  expect(scene.titles().sort()).toEqual(['Done: last', 'Done: slow', 'pi is not answering']);
  const dead = scene.arrived().find(({ title }) => title === 'pi is not answering');
  expect(dead).toMatchObject({ priority: 5, tags: ['skull'], message: expect.stringContaining('- slow') });
});
