import { type PublishOptions, type PublishOutcome, publishMessage } from '../ntfy/publish.ts';
import type { NtfyServer } from '../ntfy/server.ts';

/** Asks every worker that follows the topic to look at the queue now. Silent, kept nowhere, and says nothing of the task. */
export function publishWake(server: NtfyServer, topic: string, options: PublishOptions = {}): Promise<PublishOutcome> {
  return publishMessage(server, { topic, message: 'wake', priority: 1, cache: 'no' }, options);
}
