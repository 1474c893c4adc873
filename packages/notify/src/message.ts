import { formatCost, formatDuration, taskPath } from '@errand/task';
import { clickTo } from './click.ts';
import { fitLine, fitText } from './fit-bytes.ts';
import type { Notification, Occasion, OccasionName, Priority, PriorityWord } from './notification.ts';
import { safeLine, safeText } from './safe-text.ts';

export interface MessageOptions {
  topic: string;
  /** Address of a file in the queue, with `{path}` for its path; without it a tap opens nothing. */
  click?: string;
  /** Over the usual ones. */
  priorities?: Partial<Record<OccasionName, PriorityWord>>;
}

/** ntfy makes a file of a message from 4,096 bytes on, or refuses it. */
const MAX_MESSAGE_BYTES = 4095;
/** ntfy reads 8,192 bytes of JSON; the title, the address and the rest need at most 2,000 of them. */
const MAX_MESSAGE_JSON_BYTES = 6000;
const MAX_TITLE_BYTES = 200;
/** An answer may be as long as an attempt's output: look at no more than can matter. */
const MAX_LOOK_CHARS = 65_536;

const PRIORITIES: Record<Exclude<PriorityWord, 'off'>, Priority> = { min: 1, low: 2, default: 3, high: 4, urgent: 5 };
const USUAL: Record<OccasionName, PriorityWord> = {
  queued: 'low',
  done: 'default',
  failed: 'high',
  cancelled: 'low',
  'dead-worker': 'urgent',
  attention: 'high',
};
const TAGS: Record<OccasionName, string> = {
  queued: 'inbox_tray',
  done: 'white_check_mark',
  failed: 'x',
  cancelled: 'no_entry_sign',
  'dead-worker': 'skull',
  attention: 'warning',
};

interface Told {
  key: string;
  title: string;
  message: string;
  path?: string;
}

/** The message about an occasion, or null where its priority is `off`. It is plain text: nothing in it is rendered. */
export function buildNotification(occasion: Occasion, options: MessageOptions): Notification | null {
  const name = occasion.kind === 'finished' ? occasion.state : occasion.kind;
  const word = options.priorities?.[name] ?? USUAL[name];
  if (word === 'off') return null;
  const { key, title, message, path } = tell(occasion);
  const click = path === undefined ? null : clickTo(path, options.click);
  return {
    key,
    topic: options.topic,
    title: fitLine(safeLine(title.slice(0, MAX_LOOK_CHARS)), MAX_TITLE_BYTES),
    message,
    priority: PRIORITIES[word],
    tags: [TAGS[name]],
    ...(click === null ? {} : { click }),
  };
}

function tell(occasion: Occasion): Told {
  switch (occasion.kind) {
    case 'queued': {
      const path = taskPath(occasion.id);
      return {
        key: `queued/${occasion.id}`,
        title: `Queued: ${occasion.title}`,
        message: body(`For ${occasion.machine === 'any' ? 'any machine' : occasion.machine}.`, `${path}`),
        path,
      };
    }
    case 'finished':
      return {
        key: `finished/${occasion.nonce}`,
        title: `${ENDED[occasion.state]}: ${occasion.title}`,
        message: body(`${howItWent(occasion)}\n\n${occasion.answer.slice(0, MAX_LOOK_CHARS)}`, occasion.resultPath),
        path: occasion.resultPath,
      };
    case 'dead-worker': {
      const { machine, ids, by } = occasion;
      const freed =
        ids.length === 0
          ? 'It was running nothing.'
          : `Its tasks are free for other machines:\n${ids.map((id) => `- ${id}`).join('\n')}`;
      return {
        key: `dead-worker/${machine}/${occasion.staleOid ?? ids.join(',')}`,
        title: `${machine} is not answering`,
        message: body(`${by} has seen no sign of life from the worker on ${machine}. ${freed}`),
      };
    }
    case 'attention':
      return {
        key: `attention/${occasion.about}/${occasion.key}`,
        title: occasion.title,
        message: body(occasion.text, occasion.path),
        ...(occasion.path === undefined ? {} : { path: occasion.path }),
      };
  }
}

const ENDED = { done: 'Done', failed: 'Failed', cancelled: 'Cancelled' } as const;

/** `pi · sonnet · 3m 12s · $0.04`, and for a failure why. */
function howItWent(end: Extract<Occasion, { kind: 'finished' }>): string {
  const details = [
    end.worker,
    end.tier,
    end.tookMs === undefined ? undefined : formatDuration(end.tookMs),
    end.costUsd === undefined ? undefined : formatCost({ usd: end.costUsd, estimated: false }),
    end.outcome === end.state ? undefined : end.outcome,
  ];
  return details.filter((detail) => detail !== undefined && detail !== '').join(' · ');
}

/** Text that people can trust to be what it looks like, with the file that has more of it below. */
function body(text: string, path?: string): string {
  const below = path === undefined ? '' : `\n\n${safeLine(path)}`;
  const cut = path === undefined ? '' : `\n\nThe rest is in ${safeLine(path)}`;
  const room = { bytes: MAX_MESSAGE_BYTES, jsonBytes: MAX_MESSAGE_JSON_BYTES };
  return fitText(safeText(text.slice(0, MAX_LOOK_CHARS)), { whole: below, cut }, room);
}
