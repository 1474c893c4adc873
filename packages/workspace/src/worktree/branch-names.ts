/** Under which names an attempt may be delivered: `errand/<id>/<attempt>`, and with `-2`, `-3`, … behind it. */
export function firstBranch({ id, attempt }: { id: string; attempt: number }): string {
  return `errand/${id}/${attempt}`;
}

/** Whether a branch is `first`, or that with a number behind it. */
export function isNameOf(first: string, branch: string): boolean {
  return branch === first || (branch.startsWith(`${first}-`) && /^[1-9]\d*$/.test(branch.slice(first.length + 1)));
}

/** The first name that no branch has, nor a branch below it, which git cannot hold beside it. */
export function chooseBranch(first: string, taken: readonly string[]): string {
  for (let again = 1; ; again++) {
    const name = again === 1 ? first : `${first}-${again}`;
    if (!taken.some((branch) => branch === name || branch.startsWith(`${name}/`))) return name;
  }
}
