import { join } from 'node:path';
import type { BareRepository } from '@errand/testing';
import type { Stage } from './stage.ts';

// What the work costs without errand: one start of Node, and plain git, one command after the other, in a shell that does
// nothing else. The fetches have the options of errand's own, in private clones of the same kind.

const FETCH = `fetch --quiet --no-tags --no-write-fetch-head --no-auto-maintenance --prune --force --filter=blob:none \
  origin '+refs/heads/main:refs/heads/main' '+refs/errand/*:refs/errand/*'`;

const DELEGATE = `
git ${FETCH}
blob=$(printf '%s\\n' "$TEXT" | git hash-object -w --stdin)
git read-tree refs/heads/main
git update-index --add --cacheinfo "100644,$blob,tasks/$ID.md"
tree=$(git write-tree --missing-ok)
commit=$(printf 'add: %s\\n' "$ID" | git commit-tree -p refs/heads/main "$tree")
git push --quiet --no-verify --no-thin origin "$commit:refs/heads/main"
`;

/** One small ref, under a lease. */
const PUSH = `git push --quiet --no-verify --no-thin --force-with-lease="refs/errand/tasks/$ID:" origin "refs/heads/main:refs/errand/tasks/$ID"`;

/** Only the worker's own ref is there when a claim begins. */
const CLAIM = `
git ${FETCH}
beat=$(git for-each-ref --format='%(objectname)' refs/errand)
record=$(printf 'claimed: %s\\n\\nnonce: %s\\n' "$ID" "$NONCE" | git commit-tree "$EMPTY_TREE")
next=$(printf 'heartbeat\\n\\nruns: %s\\n' "$NONCE" | git commit-tree "$EMPTY_TREE")
git push --quiet --no-verify --no-thin \\
  --force-with-lease="refs/errand/tasks/$ID:" --force-with-lease="refs/errand/workers/floor:$beat" \\
  origin "$record:refs/errand/tasks/$ID" "$next:refs/errand/workers/floor"
git ${FETCH}
`;

/** The one start of Node, which tells the server of notifications where there is one. */
const NODE = `node -e 'const { PUBLISH: url } = process.env; if (url) fetch(url, { method: "POST", body: "wake" }).then((answer) => answer.text())'`;

/** Where the floor's queue is, if not in the stage's own folder. */
export interface FloorElsewhere {
  queue: string;
  repository: BareRepository;
  /** The ssh command that reaches it. */
  ssh: string;
  /** The address to publish to when a task is filed. */
  publish: string;
}

/** One connection for each clone, as errand has one for each machine. */
const SHARE = `export GIT_SSH_COMMAND="$SSH -o ControlMaster=auto -o ControlPath=$GIT_DIR-ssh -o ControlPersist=60 -o SendEnv=GIT_PROTOCOL"`;

/** A queue of its own beside the measured one, so that neither disturbs the other. */
export class Floor {
  readonly #stage: Stage;
  readonly #repository: BareRepository;
  readonly #elsewhere: FloorElsewhere | null;
  readonly #delegating: string;
  readonly #claiming: string;
  #round = 0;

  private constructor(stage: Stage, repository: BareRepository, elsewhere: FloorElsewhere | null) {
    this.#stage = stage;
    this.#repository = repository;
    this.#elsewhere = elsewhere;
    this.#delegating = join(stage.folder, 'floor-delegate.git');
    this.#claiming = join(stage.folder, 'floor-claim.git');
  }

  static async set(stage: Stage, elsewhere: FloorElsewhere | null = null): Promise<Floor> {
    if (elsewhere !== null) await stage.errand('init', elsewhere.queue).ended;
    const repository = elsewhere?.repository ?? (await stage.initQueue('floor.git'));
    const floor = new Floor(stage, repository, elsewhere);
    for (const clone of [floor.#delegating, floor.#claiming]) {
      await clonePrivately(stage, elsewhere?.queue ?? repository.dir, clone);
    }
    return floor;
  }

  /** A delegate's git commands alone: milliseconds. */
  async delegate(): Promise<number> {
    const id = `floor-${++this.#round}`;
    const env = { ID: id, TEXT: `echo ${id}`, GIT_DIR: this.#delegating };
    return (await this.#stage.start('sh', ['-c', `set -eu\n${DELEGATE}`], env).ended).ms;
  }

  /** One push of one ref: milliseconds. */
  async push(): Promise<number> {
    const env = { ID: `floor-${++this.#round}`, GIT_DIR: this.#claiming };
    return (await this.#stage.start('sh', ['-c', `set -eu\n${PUSH}`], env).ended).ms;
  }

  /** A start of Node, a delegate's git commands, a claim's: milliseconds. */
  async dispatch(): Promise<number> {
    const id = `floor-${++this.#round}`;
    const begin = (clone: string): string => `export GIT_DIR="${clone}"\n${this.#elsewhere === null ? '' : SHARE}`;
    const script = `set -eu\n${begin('$DELEGATING')}${DELEGATE}${NODE}\n${begin('$CLAIMING')}${CLAIM}`;
    const { ms } = await this.#stage.start('sh', ['-c', script], {
      ID: id,
      TEXT: `echo ${id}`,
      NONCE: String(Math.random()),
      EMPTY_TREE: await this.#emptyTree(),
      PUBLISH: this.#elsewhere?.publish ?? '',
      SSH: this.#elsewhere?.ssh ?? '',
      DELEGATING: this.#delegating,
      CLAIMING: this.#claiming,
    }).ended;
    await this.#repository.git('update-ref', '-d', `refs/errand/tasks/${id}`);
    return ms;
  }

  async #emptyTree(): Promise<string> {
    const { stdout } = await this.#stage.start('git', [
      '--git-dir',
      this.#claiming,
      'hash-object',
      '-t',
      'tree',
      '-w',
      '/dev/null',
    ]).ended;
    return stdout.trim();
  }
}

/** `node -e 0`, then a fetch and a look at what it brought, for somebody who looked before: milliseconds. */
export async function lookByGit(stage: Stage, clone: string): Promise<number> {
  const script = `set -eu\nnode -e 0\ngit ${FETCH}\ngit for-each-ref --format='%(refname) %(objectname) %(contents)'`;
  return (await stage.start('sh', ['-c', script], { GIT_DIR: clone }).ended).ms;
}

/** A bare, shallow, blobless clone, as errand keeps one. */
export async function clonePrivately(stage: Stage, queue: string, dir: string): Promise<void> {
  const script = `set -eu
git init --quiet --bare --template= --initial-branch=main "$GIT_DIR"
git remote add origin "$QUEUE"
git ${FETCH.replace('--prune', '--depth=1 --prune')}`;
  await stage.start('sh', ['-c', script], { GIT_DIR: dir, QUEUE: queue }).ended;
}
