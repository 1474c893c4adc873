import { randomUUID } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentEnd,
  type AgentProgress,
  type ClaudeConfig,
  createClaudeAgent,
  type ProcessEnd,
  type SessionRequest,
} from '@errand/agents';
import { mustRun } from '@errand/testing';
import type { ContractPlace } from './place.ts';
import { runProcess } from './run-process.ts';
import { SCENARIOS, type Scenario, type ScenarioName } from './scenarios.ts';

/** One run as it went, and as the adapter judged it. */
export interface Played {
  session: SessionRequest;
  end: ProcessEnd;
  judged: AgentEnd;
  progress: readonly AgentProgress[];
}

/** Plays a scenario with the real CLI, after those whose session it goes on with. */
export async function playScenario(place: ContractPlace, name: ScenarioName): Promise<Played> {
  const scenario = SCENARIOS[name];
  if (scenario.resumes === undefined) return play(place, scenario, { kind: 'fresh', id: randomUUID() });
  if (scenario.resumes === 'nothing') {
    return play(place, scenario, { kind: 'resumed', id: randomUUID(), why: 'lost', reportedUsd: null });
  }
  const { session, judged } = await playScenario(place, scenario.resumes);
  return play(place, scenario, { kind: 'resumed', id: session.id, why: 'lost', reportedUsd: judged.reportedUsd ?? null });
}

async function play(place: ContractPlace, scenario: Scenario, session: SessionRequest): Promise<Played> {
  place.api.script(scenario.steps);
  const run = createClaudeAgent(configFor(place.config, scenario)).begin({ ...place.request, session });
  const askedBefore = place.api.asked().length;
  const endedBy = scenario.end === 'terminated-when-asked' ? 'timed-out' : null;
  if (scenario.end === 'killed-in-tool') await mustRun('mkfifo', ['started', 'gate'], { cwd: place.cwd, env: { ...place.env } });
  const { child, ended, progress } = runProcess(run, { cwd: place.cwd, env: place.env, endedBy });
  if (scenario.end === 'terminated-when-asked') {
    await place.api.requested(askedBefore + 1);
    child.kill('SIGTERM');
  }
  if (scenario.end === 'killed-in-tool') {
    await readPipe(join(place.cwd, 'started'));
    child.kill('SIGKILL');
  }
  const end = await ended;
  // The tool's shell survives a killed CLI, and ends when it may go on.
  if (scenario.end === 'killed-in-tool') await writeFile(join(place.cwd, 'gate'), 'go\n');
  return { session, end, judged: run.judge(end), progress };
}

function configFor(config: ClaudeConfig, { permissions, maxTurns, env = {} }: Scenario): ClaudeConfig {
  const all = Object.entries({ ...config.env, ...env }).filter(([, value]) => value !== null);
  return {
    ...config,
    env: Object.fromEntries(all) as Record<string, string>,
    ...(permissions === undefined ? {} : { permissions }),
    ...(maxTurns === undefined ? {} : { maxTurns }),
  };
}

/** Resolves when somebody wrote to the pipe. */
async function readPipe(path: string): Promise<string> {
  const pipe = await open(path, 'r');
  try {
    return await pipe.readFile('utf8');
  } finally {
    await pipe.close();
  }
}
