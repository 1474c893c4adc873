export { systemClock } from './clock.ts';
export type { Listener, PushPurpose, WorkerEvent, WorkerExit } from './events.ts';
export { type StartedWorker, startWorker, type WorkerOptions } from './start-worker.ts';
export type { Worker } from './worker.ts';
