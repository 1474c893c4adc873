import type { GitFailure } from '@errand/queue';

/** What became of a push that the doctor sent. */
export type Tried =
  | { state: 'accepted' }
  /** It was definitely not done: the reason given for the ref, and what was said besides. `outrun`: somebody else was quicker. */
  | { state: 'refused'; reason: string; said: string; outrun: boolean }
  /** There was no definite answer. */
  | { state: 'unknown'; said: string }
  /** It was not tried: why. */
  | { state: 'not tried'; why: string };

/** A ref of the remote. */
export interface RemoteRef {
  name: string;
  oid: string;
}

/** What was seen of the remote at the first look, before anything was pushed. */
export interface FirstLook {
  refs: readonly RemoteRef[];
  /** What the remote's HEAD points to; null where it does not say. */
  head: string | null;
  /** The branch's commit; null where the branch is not there. */
  tip: string | null;
}

/** How long a question to the remote takes, milliseconds. */
export interface Latency {
  /** With a connection of its own. */
  aloneMs: number;
  /** Over a connection that is kept; null where the transport keeps none. */
  keptMs: number | null;
}

/** Facts of one experiment on the remote. Every check of the remote is a judgement of these. */
export interface RemoteFacts {
  /** URL or path. */
  remote: string;
  branch: string;
  /** Why the remote could not be looked at; everything below is then empty. */
  away: GitFailure | null;
  look: FirstLook;
  latency: Latency | null;
  /** A ref of the doctor's own, made where none was. */
  create: Tried;
  /** Whether what was made could be listed and fetched. */
  readBack: 'yes' | 'no' | 'not tried';
  remove: Tried;
  /** A push whose lease was broken by another one while it was on its way. `accepted` is the bad answer. */
  staleUpdate: Tried;
  /** The same for "must not exist". */
  staleCreate: Tried;
  /** A ref of the doctor's own, moved to a commit with another history. */
  replace: Tried;
  /** Of two refs in one atomic push, of which the server must refuse one, the other. `accepted` is the bad answer. */
  atomicHalf: Tried;
  /** An empty commit for the branch, in an atomic push that the server must refuse for another ref. */
  branchPush: Tried;
  /** Whether the server leaves files out where it is asked to. */
  filter: 'yes' | 'no' | 'not tried';
  /** Whether it hands out one of them later. */
  single: 'yes' | 'no' | 'not tried';
  /** Refs that the doctor made and could not remove, with the reason. */
  leftBehind: { refs: readonly string[]; why: string } | null;
  /** Refs of earlier doctors, of this machine or of others, that are old enough to be nobody's. */
  leftovers: readonly RemoteRef[];
}
