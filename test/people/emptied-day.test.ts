import { expect, test } from 'vitest';
import { Scene, script } from '../rig/scene.ts';

/** Long enough that git takes a result, which repeats its task, and a new task of this kind for one text that was moved. */
const steps = (name: string) => {
  const plan = Array.from({ length: 40 }, (_, step) => `# step ${step} of the release: build it, check it, and say so`);
  return script([...plan, `echo ${name}`].join('\n'));
};

test('a day whose only result was removed is not taken for a renamed folder, and the pull does not conflict', async () => {
  await using scene = await Scene.open();
  const [ada, bob] = [await scene.person('Ada'), await scene.person('Bob')];
  const worker = await scene.worker('pi', { slots: 2 });
  const recorded = (id: string) => worker.waitFor((event) => event.type === 'recorded' && event.id === id, `the result of ${id}`);
  await ada.write('tasks/.gitkeep', '');
  await ada.write('tasks/first.md', steps('first'));
  await ada.commit();
  await ada.push();
  await recorded('first');

  await ada.pull();
  const [only] = await scene.results('first');
  await ada.remove(only?.path ?? '');
  await ada.write('tasks/variant.md', steps('variant'));
  await ada.commit();
  await bob.pull();
  await bob.write('tasks/second.md', steps('second'));
  await bob.commit();
  await bob.push();
  await recorded('second');

  await ada.pull();
  await ada.push();
  await recorded('variant');
  expect((await scene.files()).filter((path) => path.startsWith('tasks/')).sort()).toEqual([
    'tasks/.gitkeep',
    'tasks/first.md',
    'tasks/second.md',
    'tasks/variant.md',
  ]);
});
