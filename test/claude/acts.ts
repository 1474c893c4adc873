import type { MessagesBody, Reply, Step } from '@errand/testing';

/** For the end of a prompt: by it the model knows which act is meant. */
export const cue = (act: string): string => `(act: ${act})`;

/** The model of a worker with several tasks: each task has an act of its own, and each attempt at it begins the act anew. */
export function playActs(acts: { readonly [act: string]: readonly Reply[] }): Step {
  return (body) => {
    const act = /\(act: ([a-z0-9-]+)\)/.exec(JSON.stringify(body.messages))?.[1] ?? '';
    const steps = acts[act] ?? [];
    const step = steps[Math.min(countAnswers(body), steps.length - 1)];
    if (step === undefined) throw new Error(`no act is called ${JSON.stringify(act)}`);
    return step;
  };
}

/** How often the model has spoken already in this conversation. */
function countAnswers({ messages }: MessagesBody): number {
  return messages.filter(({ role }) => role === 'assistant').length;
}

/** The text of everything that was said before in a conversation: what the user, the CLI and the tools sent. */
export function wordsOf({ messages }: MessagesBody): string {
  return messages.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content))).join('\n');
}
