import type { AgentEvent } from '@errand/agents';

/** How far an attempt is, in numbers: what a heartbeat may tell of it. */
export interface RunProgress {
  /** Answers of a model. */
  turns: number;
  /** Calls of a tool. */
  tool_calls: number;
  /** When its agent was last heard; ISO 8601, UTC. */
  output_at?: string;
}

export const noProgress: RunProgress = { turns: 0, tool_calls: 0 };

/** The progress after one more event. */
export function advance(progress: RunProgress, event: AgentEvent): RunProgress {
  switch (event.type) {
    case 'spent':
      return { ...progress, turns: progress.turns + 1, output_at: event.at };
    case 'calls-tool':
      return { ...progress, tool_calls: progress.tool_calls + 1, output_at: event.at };
    case 'session':
    case 'says':
    case 'tool-answered':
    case 'waits':
    case 'output':
      return { ...progress, output_at: event.at };
    case 'started':
    case 'output-capped':
    case 'frozen':
    case 'thawed':
    case 'stopping':
    case 'exited':
      return progress;
  }
}
