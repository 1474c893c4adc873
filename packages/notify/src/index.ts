export type { Backoff } from './backoff.ts';
export { buildNotification, type MessageOptions } from './message.ts';
export type { Notification, Occasion, OccasionName, Priority, PriorityWord } from './notification.ts';
export { prepareToAsk } from './ntfy/ask-ntfy.ts';
export { type PublishOptions, type PublishOutcome, publishToNtfy } from './ntfy/publish.ts';
export type { NtfyServer } from './ntfy/server.ts';
export { NotificationOutbox, type OutboxEvent, type OutboxOptions } from './outbox/outbox.ts';
export { publishWake } from './wake/publish-wake.ts';
export { subscribeToWake, type WakeOptions, type WakeState, type WakeSubscription } from './wake/subscribe-to-wake.ts';
