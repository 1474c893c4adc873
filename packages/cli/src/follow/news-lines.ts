import { oneLine } from '../table.ts';
import type { TaskNews } from './follow-task.ts';

/** News of a task's state as a line for people, without its end; null for what is told elsewhere. */
export function describeNews(news: TaskNews): string | null {
  const line = spellNews(news);
  return line === null ? null : oneLine(line);
}

function spellNews(news: TaskNews): string | null {
  switch (news.type) {
    case 'renamed':
      return `another task took the id first: this one is ${news.id}`;
    case 'unsent':
      return `unsent: kept on this machine until the queue takes it: ${news.cause.message}`;
    case 'state': {
      const { state, reason, attempt, tier } = news.task;
      const model = tier === null || news.isCommand ? '' : `, ${tier}`;
      const how = state === 'running' ? ` (attempt ${attempt}${model})` : '';
      return `${state}: ${reason}${how}`;
    }
    case 'being-cancelled':
      return `its file was removed: \`${news.worker}\` ends the attempt`;
    case 'away':
      return `the queue does not answer, waiting goes on: ${news.cause.message}`;
    case 'back':
      return 'the queue answers again';
    case 'log':
    case 'ended':
      return null;
  }
}
