export { type AgentSetup, setUpAgents } from './agents-here.ts';
export { checkClaude } from './check-claude.ts';
export { systemClock } from './clock.ts';
export type { Listener, PushPurpose, WorkerEvent, WorkerExit } from './events.ts';
export type { HoldingKind } from './housekeeping/holding.ts';
export { type HouseReport, type HouseRequest, type HouseRow, keepHouse } from './housekeeping/keep-house.ts';
export { idsThatGoOnHere } from './housekeeping/who-works.ts';
export { type StartedWorker, startWorker, type WorkerOptions } from './start-worker.ts';
export type { Worker } from './worker.ts';
