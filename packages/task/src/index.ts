export { formatCost, sumCosts } from './costs.ts';
export {
  type DurationFault,
  formatDuration,
  MAX_DURATION_MS,
  MIN_DURATION_MS,
  parseDuration,
  scanDuration,
} from './durations.ts';
export { appendToPrompt, editTask, type FrontMatterChanges } from './edit-task.ts';
export { resultSubject } from './fold-subject.ts';
export { looksLikeFrontMatter } from './forgotten-front-matter.ts';
export { type FrontMatter, splitFrontMatter } from './front-matter.ts';
export { AGENT_NAMES, frontMatterSchema, UNSUPPORTED_TASK_KEYS } from './front-matter-schema.ts';
export { isTaskId, newTaskId } from './ids.ts';
export { nearestOf } from './nearest.ts';
export type { AttemptEntry, Outcome, Tokens } from './outcome.ts';
export { parseTask, type TaskDefaults } from './parse-task.ts';
export { resultPath, taskIdOfPath, taskIdOfResultPath, taskPath } from './paths.ts';
export type { Parsed, Problem } from './problem.ts';
export type {
  ClaimedRecord,
  Heartbeat,
  HeartbeatRun,
  KeyHold,
  ParkedRecord,
  Record,
  WaitingNext,
  WaitingRecord,
} from './record.ts';
export { MAX_BODY_BYTES, type ParsedBody, parseHeartbeat, parseKeyHold, parseRecord, renderBody } from './record-body.ts';
export { type FrontMatterKeys, renderTask } from './render-task.ts';
export type { Result } from './result.ts';
export { NO_OUTPUT, parseResult, type ResultHead, readResultHead, renderResult } from './result-file.ts';
export { durationSchema } from './schema-pieces.ts';
export { type Delivery, type Task, TIERS, type Tier } from './task.ts';
export { titleOf } from './title.ts';
export type { Finding } from './yaml/explain-issue.ts';
export { type Explanation, explain } from './yaml/schema-shape.ts';
export { checkYaml, openYaml, type ReadYamlOptions, readYaml, type YamlSource } from './yaml/yaml-source.ts';
