import type { Engagement, RemovalDoubt, WatchEvent } from '@errand/checkout';
import { isTaskId } from '@errand/task';
import { describeProblem } from '../failure.ts';
import { warnOfForgottenFrontMatter } from '../forgotten-front-matter.ts';
import { plainText } from '../plain-text.ts';
import { quoteWords } from '../reach/quote-words.ts';
import { oneLine } from '../table.ts';

const SHOWN = 10;
/** Characters of a commit's name, enough to be the only one that begins so. */
const ABBREVIATED = 12;

/** What a watcher tells, for people: what happened, why, and what to do. Null where it would say nothing new. */
export function describeWatchEvent(event: WatchEvent, nowWallMs: number): string | null {
  switch (event.type) {
    case 'started':
      return `watching ${oneLine(event.dir)}/tasks (${event.branch}, which follows ${event.upstream} at ${oneLine(event.address)}); Ctrl-C ends it`;
    case 'committed': {
      const parts = [
        ['added', event.added],
        ['edited', event.edited],
        ['cancelled', event.cancelled],
        ['tidied', event.tidied],
      ] as const;
      const told = parts.flatMap(([verb, ids]) => (ids.length === 0 ? [] : [`${verb} ${nameSome(ids)}`]));
      return `committed: ${told.join('; ')}`;
    }
    case 'sent':
      return `sent: ${nameSent(event)}`;
    case 'pulled': {
      const lines = event.results
        .slice(0, SHOWN)
        .map(({ id, path, state }) => `${id} is ${state ?? 'finished'}: ${oneLine(path)}`);
      const more = event.results.length - lines.length;
      return lines.length === 0 ? null : [...lines, ...(more > 0 ? [`and ${more} more results`] : [])].join('\n             ');
    }
    case 'remote-back':
      return 'the remote answers again';
    case 'going-on':
      return 'going on';
    case 'stopped':
      return event.unsent.length === 0 ? 'stopped' : `stopped; not sent yet: ${nameSome(event.unsent)}. ${howSent(event.heldBy)}`;
    case 'invalid':
      return `not filed, until it is corrected:\n${indent(plainText(event.problems.map(describeProblem).join('')))}`;
    case 'ignored':
      return `${oneLine(event.path)} is not filed: your own git ignores it (${spellCommand('git', 'check-ignore', '-v', event.path)} says by which rule)`;
    case 'front-matter-forgotten':
      return warnOfForgottenFrontMatter(oneLine(event.path));
    case 'id-finished':
      return `${event.path} is not filed: ${event.id} has finished (${oneLine(event.result)}). Rename the file, or run it again: errand retry ${event.id}`;
    case 'staged-otherwise':
      return `${oneLine(event.path)} is left alone: what you staged of it is not what the file holds. Commit it yourself, or unstage it: ${spellCommand('git', 'restore', '--staged', event.path)}`;
    case 'changed-there':
      return event.kind === 'removed'
        ? `${oneLine(event.path)} is not cancelled: it was changed at the remote meanwhile, and comes back as it is there. Delete it again if you still mean it`
        : `${oneLine(event.path)} is left alone: the remote has ${event.kind === 'added' ? 'got another file of this name' : 'changed it too'}. Move your file aside, let the other one come, then save it again`;
    case 'removals-held':
      return `nothing is cancelled: ${doubtful(event.doubt, event.ids)} ${removalWays(event.open)}`;
    case 'engaged':
      return engaged(event.engagement, nowWallMs);
    case 'taken-back': {
      const taken = event.subjects.length === 1 ? 'a commit that is' : 'commits that are';
      const follow = spellCommand('git', 'rebase', '--onto', '@{u}', event.newest.slice(0, ABBREVIATED));
      const insist = event.behind > 0 ? 'git pull --no-rebase && git push' : 'git push';
      return `the remote's branch was moved back: it no longer has ${taken} still here (${nameSubjects(event.subjects)}). Nothing is sent or pulled until you choose. To take that off here too: ${follow}; to send it there again: ${insist}`;
    }
    case 'own-commits': {
      const held = [
        ...(event.waiting.length > 0 ? [`${nameSome(event.waiting)} cannot be sent`] : []),
        ...(event.behind > 0 ? ['results cannot be pulled'] : []),
      ];
      const what = event.subjects.length === 1 ? 'a commit of your own is' : 'commits of your own are';
      return `${held.join(', and ')}: ${what} not pushed (${nameSubjects(event.subjects)}). Send it yourself: ${event.behind > 0 ? 'git pull && git push' : 'git push'}`;
    }
    case 'conflict':
      return event.paths.length === 0
        ? 'what is here and what the remote has do not fit together by themselves. Join them yourself: git pull, then git push'
        : `changed here and at the remote: ${nameSome(event.paths)}. Settle it yourself: git pull, then git push`;
    case 'pull-blocked':
      return event.paths.length === 0
        ? `results cannot be pulled: ${oneLine(event.text)}. It is tried again`
        : `results wait: pulling would overwrite ${nameSome(event.paths)}, which you have changed or made here. Move it aside, or git restore it`;
    case 'commit-refused':
      return `git does not commit ${nameSome(event.ids)}: ${oneLine(event.text)}. It is tried again, at once when the file changes`;
    case 'push-refused':
      return `the remote refuses what is committed here: ${oneLine(event.text)}. It is tried again, more and more rarely; git push says more. If it is about what a task says: correct the file, save it, and when that is committed take the commits together: ${spellCommand('git', 'reset', '--soft', event.base.slice(0, ABBREVIATED))}`;
    case 'still-written':
      return `not filed: ${nameSome(event.paths)}, which something is still writing. The next errand watch looks again`;
    case 'remote-away':
      return `the remote does not answer: ${oneLine(event.cause)}. Tasks are committed here meanwhile, and sent when it is back`;
    case 'no-folder-watch':
      return `the system does not tell of changes (${oneLine(event.text)}); looking every 2 s instead`;
  }
}

/** `"tune the config", "add: one" and 2 more`. */
function nameSubjects(subjects: readonly string[]): string {
  const shown = subjects.slice(0, 3).map((subject) => `"${oneLine(subject)}"`);
  const more = subjects.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function howSent(heldBy: Extract<WatchEvent, { type: 'stopped' }>['heldBy']): string {
  switch (heldBy) {
    case null:
      return 'The next errand watch sends it, and so does git push';
    case 'own-commits':
      return 'It goes with your own commits: git push, or git pull && git push';
    case 'taken-back':
      return 'It waits until you have chosen what becomes of the commits that were taken off the remote';
    default:
      return 'It waits until you have settled what is told above';
  }
}

function doubtful(doubt: RemovalDoubt, ids: readonly string[]): string {
  switch (doubt) {
    case 'folder-gone':
      return 'the folder tasks/ is gone, with all that was in it.';
    case 'others-gone':
      return `${nameSome(ids)} and files that are no tasks are gone from tasks/, which looks like a folder that went away.`;
    case 'all-gone':
      return `all ${ids.length} tasks are gone from tasks/ at once, which looks like a folder that went away.`;
    case 'too-many':
      return `${ids.length} tasks are gone at once.`;
  }
}

/** More than fit a line: those that are missing here, and no task of anybody else's. */
const CANCEL_MISSING = "errand cancel $(git diff --name-only --diff-filter=D HEAD -- 'tasks/*.md')";

/** What may be typed now about tasks that are open; files of the others are git's. A name that is no id cannot be cancelled by it, and is none to paste. */
function removalWays(ids: readonly string[]): string {
  const valid = ids.filter(isTaskId);
  if (valid.length === 0) return "If you mean it: git commit -m 'tidy tasks' tasks && git push; else git restore tasks";
  const cancel = valid.length > SHOWN ? CANCEL_MISSING : spellCommand('errand', 'cancel', ...valid);
  return `If you mean it: ${cancel}; else git restore tasks`;
}

/** A command to paste: whatever stands in the names of others' files is a word of it and no more. */
function spellCommand(...words: readonly string[]): string {
  return quoteWords(words.map(oneLine));
}

function engaged(engagement: Engagement, nowWallMs: number): string {
  switch (engagement.what) {
    case 'index-locked': {
      const minutes = Math.floor((nowWallMs - engagement.sinceWallMs) / 60_000);
      const since = minutes > 0 ? ` since ${minutes} min` : '';
      return `waiting: some git command is at work here${since}. If none is, one has crashed: ${spellCommand('rm', engagement.path)}`;
    }
    case 'commit':
      return 'waiting: git commit is open in an editor here, and would fail if the branch moved; it goes on when that is saved or closed';
    case 'rebase':
    case 'merge':
    case 'cherry-pick':
    case 'revert':
    case 'bisect':
      return `waiting: you are in the middle of a ${engagement.what}; git status says how to end it`;
    case 'patches':
      return 'waiting: you are in the middle of git am; git status says how to end it';
    case 'conflicts':
      return 'waiting: there are conflicts to settle; git status names them';
    case 'detached':
      return 'waiting: HEAD is detached; git switch goes back to the branch';
    case 'other-branch':
      return `waiting: ${oneLine(engagement.branch)} is checked out; git switch - goes back`;
    case 'unreadable':
      return `waiting: the checkout cannot be read${engagement.text === '' ? '' : `: ${oneLine(engagement.text)}`}`;
  }
}

function nameSent({ ids, removed }: Extract<WatchEvent, { type: 'sent' }>): string {
  const kept = ids.filter((id) => !removed.includes(id));
  return [...(kept.length > 0 ? [nameSome(kept)] : []), ...(removed.length > 0 ? [`removed ${nameSome(removed)}`] : [])].join(
    '; ',
  );
}

/** `a, b, c and 7 more`. */
function nameSome(names: readonly string[]): string {
  const shown = names.slice(0, names.length <= SHOWN ? SHOWN : SHOWN - 1).map(oneLine);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `             ${line}`)
    .join('\n');
}
