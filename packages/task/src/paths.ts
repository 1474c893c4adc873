const TASK_PATH = /^tasks\/([^/]+)\.md$/;
const RESULT_PATH = /^results\/\d{4}-\d{2}-\d{2}\/([^/]+)\.md$/;

/** Where a task's file is, from the repository's root. */
export function taskPath(id: string): string {
  return `tasks/${id}.md`;
}

/** Where a task's result goes: a folder for the UTC day on which it finished. */
export function resultPath(id: string, finishedAtIso: string): string {
  return `results/${new Date(finishedAtIso).toISOString().slice(0, 10)}/${id}.md`;
}

/**
 * The name of the task in a path, or null for what is ignored in `tasks/`: README.md, dotfiles, editor backups, folders
 * and files that are not `.md`. The name need not be a valid id: a file that somebody meant as a task is reported, not ignored.
 */
export function taskIdOfPath(path: string): string | null {
  const name = TASK_PATH.exec(path)?.[1];
  if (name === undefined || name.startsWith('.') || name.toLowerCase() === 'readme') return null;
  return name;
}

/** The id of the task whose result is at this path, or null where no result is. */
export function taskIdOfResultPath(path: string): string | null {
  const name = RESULT_PATH.exec(path)?.[1];
  return name === undefined || name.startsWith('.') ? null : name;
}
