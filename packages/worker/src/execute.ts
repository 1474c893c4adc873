import type { Agent, AgentEnd, AgentProgress, SessionRequest } from '@errand/agents';
import type { StartedAs } from '@errand/queue';
import { readInstructions, runAttempt } from '@errand/workspace';
import { type ChosenSession, chooseSession, freshSession } from './choose-session.ts';
import type { WorkerContext } from './context.ts';
import { handOver } from './deliver.ts';
import { type Execution, failed, type RunCommand, stoppedBefore } from './execution.ts';
import type { ClaimedWork } from './held.ts';
import { type Place, preparePlace } from './place.ts';
import { RunLog, runLogPath } from './run-log.ts';
import { verifyWork } from './verify.ts';

/**
 * The stages of an attempt: session → workspace → agent → verify → delivery. Each may end it; what is left of it is an
 * agent's end, whoever brought it about.
 */
export async function executeAttempt(execution: Execution): Promise<AgentEnd> {
  const { worker, machine, held, work, switches } = execution;
  const agent = machine.agents.get(work.routed.agent);
  if (!agent) return failed(`the agent ${work.routed.agent} is not set up on ${worker.machine.machine}`);
  const chosen = await chooseSession(worker, agent, work, held.id);
  const prepared = await preparePlace(execution, chosen);
  if (!prepared.ok) return prepared.end;
  const { place } = prepared;
  // A session that would not find its files as it left them is not gone on with.
  const session = chosen.memory === null || chosen.memory.cwd === place.workspace.cwd ? chosen : freshSession();
  const log = await RunLog.open(runLogPath(machine.stateDir, held.id, held.nonce));
  try {
    worker.emit({ type: 'prepared', id: held.id, attempt: held.attempt, cwd: place.workspace.cwd });
    if (switches.stopped !== null) return stoppedBefore(switches.stopped);
    return await runStages(execution, agent, session, place, log);
  } finally {
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
  const { worker, held, work, switches } = execution;
  const { routed, task } = work;
  const started = describeStart(agent, work, session.request, place);
  const run = contain(execution, place, log, started);
  if (agent.resumable) {
    await worker.sessions.remember({
      session: session.request.id,
      id: held.id,
      blob: work.blob,
      agent: agent.name,
      cwd: place.workspace.cwd,
      worktree: place.worktree?.kept ?? null,
      reportedUsd: session.reportedUsd,
    });
  }
  await execution.journal(null, started);
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
  const startedMs = worker.clock.elapsedMs();
  let hasSpoken = session.request.kind === 'resumed';
  const hear = (text: string): AgentProgress[] => {
    const progress = agentRun.hear(text);
    hasSpoken ||= progress.some(({ type }) => type === 'spent');
    return progress;
  };
  const ended = run({ command: agentRun.command, part: 'agent', wallMs: task.timeoutMs, hear });
  worker.emit({ type: 'spawned', id: held.id, attempt: held.attempt });
  let end = agentRun.judge(await ended);
  await noteSession(worker, agent, session, end);
  if (end.outcome === 'done' && task.verify !== undefined) {
    worker.emit({ type: 'verifying', id: held.id, attempt: held.attempt });
    const leftMs = Math.max(1_000, task.timeoutMs - (worker.clock.elapsedMs() - startedMs));
    end = await verifyWork({
      line: task.verify,
      end,
      leftMs,
      run,
      switches,
      request: { id: held.id, attempt: held.attempt, ...routed },
    });
  }
  if (place.worktree) end = await handOver(execution, place.worktree, end);
  return withSession(end, hasSpoken);
}

/** A session in which no model has answered holds nothing to go on with. */
function withSession(end: AgentEnd, hasSpoken: boolean): AgentEnd {
  if (hasSpoken || end.entry?.session === undefined) return end;
  const { session: _, ...entry } = end.entry;
  return { ...end, entry };
}

function describeStart(agent: Agent, { routed }: ClaimedWork, session: SessionRequest, place: Place): StartedAs {
  return {
    agent: agent.name,
    model: routed.model,
    tier: routed.tier,
    tier_reason: routed.reason,
    ...(agent.resumable && { session: session.id }),
    ...(place.worktree && { branch: place.worktree.branch }),
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
    return run.ended;
  };
}

/** What the CLI reported as the session's cost is where a later attempt starts to count. */
async function noteSession(worker: WorkerContext, agent: Agent, session: ChosenSession, end: AgentEnd): Promise<void> {
  if (!agent.resumable || end.reportedUsd === undefined) return;
  await worker.sessions.report(session.request.id, end.reportedUsd);
}
