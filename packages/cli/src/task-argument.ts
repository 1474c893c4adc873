const PATH = /^(?:.*\/)?(?:tasks|results\/\d{4}-\d{2}-\d{2})\/([^/]+)\.md$/;

/** The id that an argument names: itself, or that of the task or result file whose path it is, as Tab in a checkout gives it. */
export function readTaskId(argument: string): string {
  return PATH.exec(argument)?.[1] ?? argument;
}
