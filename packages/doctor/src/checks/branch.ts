import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import type { RemoteFacts } from '../remote/facts.ts';
import { remedyPlace } from '../remote/remedy-place.ts';
import { explainRefusal, serverSaid } from '../remote/say-why.ts';
import { gitThere, shellWord } from '../remote/server-command.ts';

/** Is the branch there, may this machine push to it, and does a plain clone show it. */
export const branch: Check = {
  name: 'branch',
  limitMs: 120_000,
  look: async (context) => {
    const facts = await context.remote();
    return facts === null || facts.away !== null ? [] : judgeBranch(facts);
  },
};

export function judgeBranch(facts: RemoteFacts): Found[] {
  const { branch, branchPush, look, remote } = facts;
  if (look.tip === null) {
    const others = look.refs.flatMap(({ name }) => /^refs\/heads\/(.+)$/.exec(name)?.[1] ?? []);
    const name = /:\/\/[^@/]*@/.test(remote) ? 'REMOTE' : shellWord(remote);
    return [
      {
        state: 'fault',
        what: `the remote has no branch ${branch}`,
        why: others.length === 0 ? 'the repository is empty' : `it has ${others.slice(0, 5).join(', ')}`,
        remedy: 'Make the queue there, or name the right branch with `branch:` in the configuration of this machine:',
        command: `errand init ${name}${branch === 'main' ? '' : ` --branch ${shellWord(branch)}`}`,
      },
    ];
  }
  return [...judgePush(facts), ...judgeHead(facts)];

  function judgePush({ branchPush: pushed }: RemoteFacts): Found[] {
    switch (pushed.state) {
      case 'accepted':
        return ok(`this machine may push to ${branch} (an empty commit was judged, and none was left)`);
      case 'not tried':
        // What comes before it has told why.
        if (facts.atomicHalf.state !== 'refused') return [];
        return [
          {
            state: 'note',
            what: `whether this machine may push to ${branch} was not tested`,
            why: pushed.why,
          },
        ];
      case 'refused':
      case 'unknown':
        return [
          {
            state: 'fault',
            what: `this machine may not push to ${branch}`,
            why: `results could not be recorded; the answer was: ${serverSaid(branchPush)}`,
            ...explainRefusal(branchPush, { what: branch, remote: remedyPlace(remote) }),
          },
        ];
    }
  }
}

/** A HEAD that leads nowhere: to a plain `git clone` the queue looks empty. */
function judgeHead({ branch, look, remote }: RemoteFacts): Found[] {
  const isThere = look.head !== null && look.refs.some(({ name }) => name === look.head);
  if (isThere) return [];
  const { where, command } = gitThere(remote, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  return [
    {
      state: 'warning',
      what: "the repository's HEAD leads to no branch",
      why: 'a plain `git clone` of it has no files',
      remedy: `${where}, let it lead to the branch of the queue (at a git host: the default branch):`,
      command,
    },
  ];
}
