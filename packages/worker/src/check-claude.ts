import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentCommand,
  type AgentProgress,
  type ClaudeConfig,
  loginProbe,
  type ProcessEnd,
  parseVersion,
  versionCommand,
} from '@errand/agents';
import { readIfThere, writeDurably } from '@errand/queue';
import { type Containment, type Guard, prepareDirectory, runAttempt, type Workspace } from '@errand/workspace';
import { ulid } from 'ulid';

/** What a CLI on this machine is, and whether it can work. */
export type Checked = { ok: true; version: string; login: Login } | { ok: false; cause: string };

/** Whether it has a login that works, by asking it to work. */
export type Login =
  | { kind: 'logged-in' }
  | { kind: 'not-logged-in'; cause: string }
  /** Its service was away, say: nothing is known. */
  | { kind: 'unknown'; cause: string };

const HOUR_MS = 60 * 60_000;
/** A login is believed for a day: an attempt that finds it gone tells at once. */
const BELIEVED_MS = 24 * HOUR_MS;
const WALL_MS = 60_000;

export interface CheckPlace {
  stateDir: string;
  containment: Containment;
  guard: Guard;
  now(): number;
  /** An attempt has found no login: what was known before is not believed. */
  doubted: boolean;
}

/** Asks Claude for its version and for one word, at most once a day for one binary and one set of credentials that work. */
export async function checkClaude(config: ClaudeConfig, place: CheckPlace): Promise<Checked> {
  const path = join(place.stateDir, 'agents', 'claude-checked.json');
  const asked = await fingerprint(config);
  const known = await readKnown(path);
  if (!place.doubted && known?.asked === asked && Math.abs(place.now() - known.at) < BELIEVED_MS) {
    return { ok: true, version: known.version, login: { kind: 'logged-in' } };
  }
  const nonce = `check-${ulid()}`;
  const prepared = await prepareDirectory({
    stateDir: place.stateDir,
    id: 'check',
    attempt: 1,
    nonce,
    // Claude Code makes the folder of its account itself, and needs nothing of where it is.
    directory: place.stateDir,
  });
  if (!prepared.ok) return { ok: false, cause: prepared.message };
  const { workspace } = prepared;
  const shown = await run(versionCommand(config), workspace, `${nonce}-version`, place);
  const version = parseVersion(shown.stdout);
  if (version === null) {
    await workspace.remove();
    return { ok: false, cause: `${config.bin} --version does not answer like Claude Code: ${describeShown(shown)}` };
  }
  const probe = loginProbe(config, workspace.tmp);
  const login = probe.judge(await run(probe.command, workspace, nonce, place, (text) => probe.hear(text)));
  await workspace.remove();
  if (login.kind === 'logged-in') {
    await writeDurably(path, `${JSON.stringify({ asked, version, at: place.now() })}\n`).catch(() => {});
  }
  return { ok: true, version, login };
}

function describeShown({ spawnError, stdout, stderr, exitCode, signal }: ProcessEnd): string {
  const said = (stderr.trim() || stdout.trim()).split('\n', 1)[0] ?? '';
  return spawnError ?? (said.slice(0, 200) || (exitCode === null ? `killed by ${signal}` : `exit status ${exitCode}`));
}

async function run(
  command: AgentCommand,
  workspace: Workspace,
  nonce: string,
  { containment, guard }: CheckPlace,
  hear?: (text: string) => readonly AgentProgress[],
): Promise<ProcessEnd> {
  const running = runAttempt({
    command,
    workspace,
    containment,
    nonce,
    wallMs: WALL_MS,
    idleMs: null,
    killGraceMs: 2_000,
    outputCapBytes: 64 * 1024,
    guard,
    onEvent: () => {},
    ...(hear && { hear }),
  });
  return running.ended;
}

/** Another binary or other credentials are asked anew. Kept as a hash: it holds secrets. */
async function fingerprint({ bin, env, configDir }: ClaudeConfig): Promise<string> {
  const info = await stat(bin).catch(() => null);
  const values = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([bin, info?.size, info?.mtimeMs, configDir, values]))
    .digest('hex');
}

interface Known {
  asked: string;
  version: string;
  at: number;
}

async function readKnown(path: string): Promise<Known | null> {
  try {
    return JSON.parse((await readIfThere(path)) ?? 'null') as Known | null;
  } catch {
    return null;
  }
}
