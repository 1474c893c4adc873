import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AgentEvent } from '@errand/agents';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Containment } from '../containment/containment.ts';
import { endLeftover } from '../containment/end-leftover.ts';
import { probeContainment } from '../containment/probe.ts';
import { identify, isAlive, type ProcessIdentity } from '../containment/process-table.ts';
import type { ContainmentKind, UnitRef } from '../containment/unit.ts';
import { prepareDirectory, type Workspace } from '../directory.ts';
import { type AttemptOptions, type RunningAttempt, runAttempt } from '../run-attempt.ts';

/** Runs a suite once for each kind of containment; a kind that this machine lacks is skipped with its reason, and fails in CI. */
export async function describeKinds(kinds: readonly ContainmentKind[], suite: (containment: Containment) => void): Promise<void> {
  for (const kind of kinds) {
    const probe = await probeContainment(kind);
    if (probe.ok) describe(`contained by ${kind}`, () => suite(probe.containment));
    else if (process.env.CI === 'true') test(`contained by ${kind}`, () => expect.fail(probe.message));
    else test.skip(`contained by ${kind}: ${probe.message}`, () => {});
  }
}

/** The path of a puppet program. */
export function program(name: string): string {
  return fileURLToPath(new URL(`../../test-programs/${name}`, import.meta.url));
}

/** A temporary folder that goes with the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-workspace-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits until something has become true; the test's own timeout is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function anyAlive(identities: readonly ProcessIdentity[]): boolean {
  return identities.some(isAlive);
}

export interface Staged {
  attempt: RunningAttempt;
  workspace: Workspace;
  events: AgentEvent[];
  /** Resolves once the attempt has printed this. */
  heard(text: string): Promise<void>;
  /** Everything that lives in the unit now. */
  identities(): Promise<ProcessIdentity[]>;
}

let count = 0;

/** Runs one puppet program as an attempt, ended with the test whatever happens in it. */
export async function stage(containment: Containment, name: string, overrides: Partial<AttemptOptions> = {}): Promise<Staged> {
  const nonce = `test-${process.pid}-${++count}`;
  const stateDir = await makeFolder();
  const prepared = await prepareDirectory({ stateDir, id: 'staged', attempt: 1, nonce });
  if (!prepared.ok) throw new Error(prepared.message);
  const { workspace } = prepared;
  const events: AgentEvent[] = [];
  let printed = '';
  const waiting: (() => void)[] = [];
  const attempt = runAttempt({
    command: { argv: [program(name)], env: {}, stdin: '' },
    workspace,
    containment,
    nonce,
    wallMs: 600_000,
    idleMs: null,
    killGraceMs: 600_000,
    outputCapBytes: 1_000_000,
    onEvent: (event) => {
      events.push(event);
      if (event.type !== 'output') return;
      printed += event.text;
      for (const look of waiting) look();
    },
    ...overrides,
  });
  onTestFinished(async () => {
    attempt.stop('cancelled', 0);
    await attempt.ended;
  });
  return {
    attempt,
    workspace,
    events,
    heard: (text) =>
      new Promise((resolve) => {
        const look = (): void => (printed.includes(text) ? resolve() : undefined);
        waiting.push(look);
        look();
      }),
    identities: async () => ((await attempt.unit?.members()) ?? []).map(identify),
  };
}

export interface StandIn {
  worker: ChildProcess & { pid: number };
  guard: ProcessIdentity;
  ref: UnitRef;
  cwd: string;
  members: ProcessIdentity[];
}

/** Starts a worker in a process of its own that runs one puppet program, guarded; resolves once the program has printed. */
export async function startStandIn(kind: ContainmentKind, name: string, { ttlMs = 600_000 } = {}): Promise<StandIn> {
  const stateDir = await makeFolder();
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const args = [program('stand-in-worker.mjs'), stateDir, kind, String(ttlMs), program(name)];
  const worker = spawn(process.execPath, ['--conditions=@errand/source', '--import', tsx, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  for await (const line of createInterface({ input: worker.stdout })) {
    const said = JSON.parse(line) as { type: string; guard: number; cwd: string; ref: UnitRef; members: number[] };
    if (said.type !== 'unit') continue;
    onTestFinished(async () => void (await endLeftover(said.ref)));
    const { ref, cwd } = said;
    return { worker: worker as StandIn['worker'], guard: identify(said.guard), ref, cwd, members: said.members.map(identify) };
  }
  throw new Error('the stand-in worker ended before its program printed anything');
}

/** A process that is none of ours, started just like the puppets, which must outlive everything done to them. */
export function startBystander(): ProcessIdentity {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
  onTestFinished(() => void child.kill('SIGKILL'));
  return identify(child.pid as number);
}

/** Bytes in the file, 0 while there is none. */
export async function sizeOf(path: string): Promise<number> {
  return readFile(path).then(
    (bytes) => bytes.length,
    () => 0,
  );
}

/** Lets another process do a fixed amount of work, so that a process that could run would have run. */
export async function letOthersWork(): Promise<void> {
  const child = spawn('sh', ['-c', 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
}
