import { BareRepository, Person } from '@errand/testing';
import type { TestQueue } from '../rig/test-queue.ts';

/** A repository that tasks work in, and somebody who works on it too. */
export interface Project {
  repository: BareRepository;
  person: Person;
}

/** Makes the repository in the queue's folder, with these files in its first commit. */
export async function makeProject(queue: TestQueue, files: { readonly [path: string]: string }): Promise<Project> {
  const repository = await BareRepository.init(queue.path('project.git'), queue.env);
  const person = await Person.clone({ url: repository.dir, env: queue.env }, queue.path('colleague'));
  for (const [path, text] of Object.entries(files)) await person.write(path, text);
  await person.commit('begin');
  await person.push();
  return { repository, person };
}

/** Its branches, by name. */
export async function branchesOf({ repository }: Project): Promise<string[]> {
  return [...(await repository.refs()).keys()].map((ref) => ref.replace('refs/heads/', '')).sort();
}
