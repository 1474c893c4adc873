import type { Tried } from './facts.ts';
import type { Scratch, Tip, Update } from './scratch.ts';

/** How often the branch may move between a look at it and a push to it. */
const TRIES = 3;

/** Fetches the branch's last commit without its files; null where the remote does not hand it out. */
export async function fetchTip(scratch: Pick<Scratch, 'fetch' | 'readTip'>, branch: string): Promise<Tip | null> {
  const local = 'refs/heads/doctor';
  const fetched = await scratch.fetch(['--depth=1', '--filter=tree:0'], `+refs/heads/${branch}:${local}`);
  return fetched.exitCode === 0 ? scratch.readTip(local) : null;
}

/**
 * Sends an empty commit for the branch in an atomic push that cannot land, because of `impossible`: the server's hooks and rules
 * judge it, and nothing is left. `control` is what the server said of another ref beside that impossible one. Other people's
 * pushes go on meanwhile: where one was quicker, the branch is looked at again.
 */
export async function tryBranch(
  scratch: Pick<Scratch, 'fetch' | 'readTip' | 'commit' | 'push'>,
  branch: string,
  { impossible, control, now }: { impossible: Update; control: Tried & { state: 'refused' }; now(): number },
): Promise<Tried> {
  const ref = `refs/heads/${branch}`;
  for (let tries = TRIES; tries > 0; tries--) {
    const tip = await fetchTip(scratch, branch);
    if (tip === null) return { state: 'not tried', why: `the last commit of ${branch} could not be fetched` };
    const commit = await scratch.commit('errand doctor: may this machine push here?', now(), tip);
    const answers = await scratch.push([{ ref, to: commit, expect: tip.commit }, impossible], { atomic: true });
    const judged = answers.get(ref);
    if (judged === undefined) return { state: 'not tried', why: 'there was no answer for it' };
    if (judged.state !== 'refused') return judged;
    // The server's words for "not for its own sake" are those that it had for the ref of the first push.
    if (judged.reason === control.reason || /^(?:atomic|transaction)\b/i.test(judged.reason)) return { state: 'accepted' };
    if (!judged.outrun) return judged;
  }
  return { state: 'not tried', why: 'others pushed to it each time that this was tried; try again when it is quieter' };
}
