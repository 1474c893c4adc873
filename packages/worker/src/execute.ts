import type { Agent, AgentEnd, AgentProgress, SessionRequest } from '@errand/agents';
import type { StartedAs } from '@errand/queue';
import { readInstructions, runAttempt } from '@errand/workspace';
import { type ChosenSession, chooseSession, freshSession } from './choose-session.ts';
import { commitWork, deliverWork } from './deliver.ts';
import { type Execution, failed, type RunCommand, stoppedBefore } from './execution.ts';
import type { ClaimedWork } from './held.ts';
import { type Place, preparePlace } from './place.ts';
import { removePlanted } from './remove-planted.ts';
import { RunLog, runLogPath } from './run-log.ts';
import { verifyWork } from './verify.ts';

const LEAST_VERIFY_MS = 5 * 60_000;

/**
 * The stages of an attempt: session → workspace → agent → commit → verify → delivery. Each may end it; what is left of it is an
 * agent's end, whoever brought it about.
 */
export async function executeAttempt(execution: Execution): Promise<AgentEnd> {
  const { worker, machine, held, work, switches } = execution;
  const agent = machine.agents.get(work.routed.agent);
  if (!agent) return failed(`the agent ${work.routed.agent} is not set up on ${worker.machine.machine}`);
  const chosen = await chooseSession(worker, agent, work, held.id);
  const prepared = await preparePlace(execution, chosen);
  if (!prepared.ok) return { ...prepared.end, ...keepSession(chosen) };
  const { place } = prepared;
  // A session that would not find its files as it left them is not gone on with.
  const session = chosen.memory === null || chosen.memory.cwd === place.workspace.cwd ? chosen : freshSession();
  held.cwd = place.workspace.cwd;
  execution.busy.add(place.workspace.cwd);
  const log = await RunLog.open(runLogPath(machine.stateDir, held.id, held.nonce));
  try {
    worker.emit({ type: 'prepared', id: held.id, attempt: held.attempt, cwd: place.workspace.cwd });
    if (switches.stopped !== null) return { ...stoppedBefore(switches.stopped), ...keepSession(session) };
    return await runStages(execution, agent, session, place, log);
  } finally {
    execution.busy.delete(place.workspace.cwd);
    await Promise.all([log.close(), place.workspace.remove()]);
  }
}

async function runStages(
  execution: Execution,
  agent: Agent,
  session: ChosenSession,
  place: Place,
  log: RunLog,
): Promise<AgentEnd> {
  const { worker, held, work } = execution;
  const run = contain(execution, place, log, describeStart(agent, work, session.request));
  const { end, leftMs, hasSpoken } = await runAgent(execution, agent, session, place, run);
  if (end.outcome !== 'done') return withSession(end, hasSpoken);
  // What the agent has done and cost is kept, whatever goes wrong with it from here on.
  const proven = await proveAndDeliver(execution, place, run, end, leftMs).catch((error: Error): AgentEnd => {
    worker.emit({ type: 'trouble', duty: 'attempt', text: `${held.id}: ${error.stack ?? error.message}` });
    return { ...end, ...failed(`an error of the worker itself after the agent had ended: ${error.message}`, end.answer) };
  });
  return withSession(proven, hasSpoken);
}

/** The agent's own part, and what it leaves of the attempt's time. */
async function runAgent(
  execution: Execution,
  agent: Agent,
  session: ChosenSession,
  place: Place,
  run: RunCommand,
): Promise<{ end: AgentEnd; leftMs: number; hasSpoken: boolean }> {
  const { worker, machine, held, work } = execution;
  const { routed, task } = work;
  const started = describeStart(agent, work, session.request);
  if (agent.resumable) await rememberSession(execution, agent, session, place);
  await execution.journal(null, started);
  await machine.refresh(agent.name);
  await removePlanted(agent.plantable);
  const { cwd, home, tmp } = place.workspace;
  const instructions = agent.instructionFile === null ? null : await readInstructions(cwd, agent.instructionFile);
  const agentRun = agent.begin({
    id: held.id,
    attempt: held.attempt,
    task,
    tier: routed.tier,
    model: routed.model,
    place: { cwd, home, tmp },
    session: session.request,
    instructions,
  });
  let hasSpoken = session.request.kind === 'resumed';
  const hear = (text: string): AgentProgress[] => {
    const progress = agentRun.hear(text);
    hasSpoken ||= progress.some(({ type }) => type === 'spent');
    return progress;
  };
  const running = run({ command: agentRun.command, part: 'agent', wallMs: task.timeoutMs, hear });
  worker.emit({ type: 'spawned', id: held.id, attempt: held.attempt });
  const ended = await running;
  const end = agentRun.judge(ended);
  if (agent.resumable && end.reportedUsd !== undefined) {
    // Where a later attempt starts to count; a disk that is full costs an exact sum, not the attempt.
    await worker.sessions.report(session.request.id, end.reportedUsd).catch(() => {});
  }
  return { end, leftMs: task.timeoutMs - ended.workedMs, hasSpoken };
}

/** A session that could not be written down cannot be gone on with; that is all. */
async function rememberSession(
  { worker, held, work }: Execution,
  agent: Agent,
  session: ChosenSession,
  place: Place,
): Promise<void> {
  const memory = {
    session: session.request.id,
    id: held.id,
    blob: work.blob,
    agent: agent.name,
    cwd: place.workspace.cwd,
    worktree: place.worktree?.kept ?? null,
    reportedUsd: session.reportedUsd,
  };
  await worker.sessions.remember(memory).catch((error: Error) => {
    worker.emit({ type: 'trouble', duty: 'attempt', text: `${held.id}: its session cannot be kept: ${error.message}` });
  });
}

/** commit → verify → deliver: what is delivered is what was there when the agent ended. */
async function proveAndDeliver(
  execution: Execution,
  { worktree }: Place,
  run: RunCommand,
  done: AgentEnd,
  agentLeftMs: number,
): Promise<AgentEnd> {
  const { worker, held, work, switches } = execution;
  const { task, routed } = work;
  let end = worktree === null ? done : await commitWork(execution, worktree, done);
  if (end.outcome === 'done' && task.verify !== undefined) {
    worker.emit({ type: 'verifying', id: held.id, attempt: held.attempt });
    // The time of an attempt is the agent's; its proof gets what is left of it, and some minutes in any case.
    const leftMs = Math.max(Math.min(task.timeoutMs, LEAST_VERIFY_MS), agentLeftMs);
    const request = { id: held.id, attempt: held.attempt, ...routed };
    end = await verifyWork({ line: task.verify, end, leftMs, run, switches, request });
  }
  return worktree === null || end.outcome !== 'done' ? end : deliverWork(execution, worktree, end);
}

/** A session that was to go on still can, after an attempt that did not get so far. */
function keepSession({ request }: ChosenSession): Pick<AgentEnd, 'entry'> {
  return request.kind === 'resumed' ? { entry: { session: request.id } } : {};
}

/** A session in which no model has answered holds nothing to go on with. */
function withSession(end: AgentEnd, hasSpoken: boolean): AgentEnd {
  if (hasSpoken || end.entry?.session === undefined) return end;
  const { session: _, ...entry } = end.entry;
  return { ...end, entry };
}

function describeStart(agent: Agent, { routed }: ClaimedWork, session: SessionRequest): StartedAs {
  return {
    agent: agent.name,
    model: routed.model,
    tier: routed.tier,
    tier_reason: routed.reason,
    ...(agent.resumable && { session: session.id }),
  };
}

function contain(execution: Execution, place: Place, log: RunLog, started: StartedAs): RunCommand {
  const { worker, machine, held, work, switches } = execution;
  const { idleTimeoutMs, grace_ms: grace, outputCapBytes } = worker.machine;
  return ({ command, part, wallMs, hear }) => {
    const run = runAttempt({
      command: { ...command, env: { ...place.env, ...command.env } },
      workspace: place.workspace,
      containment: machine.containment,
      nonce: part === 'agent' ? held.nonce : `${held.nonce}-${part}`,
      wallMs,
      idleMs: idleTimeoutMs,
      killGraceMs: grace.killMs,
      outputCapBytes,
      guard: machine.guard,
      freezeable: work.othersMayRun,
      ...(hear && { hear }),
      onUnit: (unit) => void execution.journal(unit, started),
      onEvent: (event) => {
        log.write(event);
        // The guard does not ask; what the worker freezes itself is told where it does.
        if (event.type === 'frozen' && !switches.frozen) worker.emit({ type: 'frozen', id: held.id, why: event.why });
        switches.note(event);
        worker.emit({ type: 'agent', id: held.id, event });
      },
    });
    switches.connect(run);
    return run.ended.then((end) => ({ ...end, workedMs: run.workedMs() }));
  };
}
