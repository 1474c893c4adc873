import { createHash } from 'node:crypto';
import { NoAnswer } from '../git/no-answer.ts';
import type { Checkout } from '../open-checkout.ts';
import { classifyCommits } from './classify-commits.ts';
import { FormerTips } from './former-tips.ts';
import type { AheadCommit } from './survey.ts';

/** How the branch that is checked out stands to what the remote had. */
export interface Standing {
  /** Newest first; a commit before those that it is built on. */
  ahead: readonly AheadCommit[];
  behind: number;
  changedThere: ReadonlySet<string>;
}

type Distance = Omit<Standing, 'ahead'> & { oids: readonly string[] };

/** Compares again and again, and keeps what cannot change meanwhile; of what git did not answer nothing is kept. */
export class Comparer {
  readonly #checkout: Checkout;
  readonly #tips: FormerTips;
  readonly #commits = new Map<string, AheadCommit>();
  #distance: { of: string; is: Distance } | null = null;
  #takenBack: { of: string; are: ReadonlySet<string> } | null = null;

  constructor(checkout: Checkout) {
    this.#checkout = checkout;
    this.#tips = new FormerTips(checkout);
  }

  /** Throws `NoAnswer` where git fails. */
  async compare(head: string, upstream: string | null): Promise<Standing> {
    if (upstream === null) return LEVEL;
    this.#tips.note(upstream);
    if (upstream === head) return LEVEL;
    const { oids, behind, changedThere } = await this.#measure(head, upstream);
    if (oids.length === 0) return { ahead: [], behind, changedThere };
    const takenBack = await this.#findTakenBack(head, upstream, oids);
    const ahead = (await this.#classify(oids)).map((commit) => ({ ...commit, takenBack: takenBack.has(commit.oid) }));
    return { ahead, behind, changedThere };
  }

  async #measure(head: string, upstream: string): Promise<Distance> {
    const of = `${head} ${upstream}`;
    if (this.#distance?.of === of) return this.#distance.is;
    const { git } = this.#checkout;
    const behind = Number(await git.demand({ args: ['rev-list', '--count', `${head}..${upstream}`, '--'] }));
    const oids = (await git.demand({ args: ['rev-list', '--topo-order', `${upstream}..${head}`, '--'] }))
      .split('\n')
      .filter(Boolean);
    const is = { oids, behind, changedThere: new Set(behind === 0 ? [] : await this.#listChangedThere(head, upstream)) };
    this.#distance = { of, is };
    return is;
  }

  async #listChangedThere(head: string, upstream: string): Promise<string[]> {
    const { git } = this.#checkout;
    const common = await git.run({ args: ['merge-base', head, upstream] });
    // It ends with 1 where the two have nothing in common.
    if (common.exitCode !== 0 && common.exitCode !== 1) throw new NoAnswer(common);
    const base = common.stdout.trim() || head;
    return git.demandList('diff-tree', '-r', '-z', '--name-only', '--no-renames', base, upstream, '--', 'tasks');
  }

  /** Those that the remote's branch once had: somebody has taken them off it, and to push or to join them would undo that. */
  async #findTakenBack(head: string, upstream: string, oids: readonly string[]): Promise<ReadonlySet<string>> {
    const tips = (await this.#tips.list()).filter((tip) => tip !== upstream);
    const of = createHash('sha1')
      .update([head, upstream, ...tips].join())
      .digest('hex');
    if (this.#takenBack?.of === of) return this.#takenBack.are;
    const input = [head, `^${upstream}`, ...tips.map((tip) => `^${tip}`)].map((line) => `${line}\n`).join('');
    // A commit that git has thrown away meanwhile leads nowhere.
    const left = await this.#checkout.git.demand({ args: ['rev-list', '--ignore-missing', '--stdin'], input });
    const never = new Set(left.split('\n'));
    const are = new Set(oids.filter((oid) => !never.has(oid)));
    this.#takenBack = { of, are };
    return are;
  }

  /** Commits do not change: what is settled of them stays so, as long as they are ahead. */
  async #classify(oids: readonly string[]): Promise<readonly AheadCommit[]> {
    const known = this.#commits;
    const news = oids.filter((oid) => !known.has(oid));
    const { settled, open } = await classifyCommits(this.#checkout, news);
    for (const commit of settled) known.set(commit.oid, commit);
    const still = new Set(oids);
    for (const oid of known.keys()) if (!still.has(oid)) known.delete(oid);
    const others = new Map(open.map((commit) => [commit.oid, commit]));
    return oids.map((oid) => known.get(oid) ?? others.get(oid) ?? unknownCommit(oid));
  }
}

function unknownCommit(oid: string): AheadCommit {
  return { oid, subject: '', byWatcher: false, takenBack: false, ids: [], removed: [] };
}

const LEVEL: Standing = { ahead: [], behind: 0, changedThere: new Set() };
