import type { View } from '@errand/planner';

/** Whether a plain command carries the task out, as far as its file and the machine that has it tell: its tier means nothing. */
export function runsCommand(view: View, id: string, worker: string | null): boolean {
  const parsed = view.tasks.get(id)?.parsed;
  const agent = parsed?.ok ? parsed.value.agent : 'auto';
  if (agent !== 'auto') return agent === 'command';
  return worker !== null && view.workers.get(worker)?.value.default_agent === 'command';
}
