import { execFile } from 'node:child_process';
import { z } from 'zod';
import { type Failure, fail } from '../failure.ts';
import { oneLine } from '../table.ts';

/** A machine on the tailnet, as `tailscale status` tells of it. None of it is checked for anything but its type. */
export interface Peer {
  /** The machine that asks. */
  isSelf: boolean;
  hostName: string;
  /** Full name on the tailnet without the dot at its end; empty where it has none. */
  dnsName: string;
  ips: string[];
  /** `linux`, `macOS`, `windows`, `iOS`, `android` … */
  os: string;
  online: boolean;
}

const PATIENCE_MS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;
/** The app of the Mac brings the program, and puts it on no PATH. */
const ON_A_MAC = '/Applications/Tailscale.app/Contents/MacOS/Tailscale';

// https://pkg.go.dev/tailscale.com/ipn/ipnstate#Status
const peerSchema = z.object({
  HostName: z.string().default(''),
  DNSName: z.string().default(''),
  TailscaleIPs: z.array(z.string()).nullish(),
  OS: z.string().default(''),
  Online: z.boolean().default(false),
  /** It can reach us, and is not ours to reach. */
  ShareeNode: z.boolean().default(false),
});

const statusSchema = z.object({
  BackendState: z.string(),
  Self: z.unknown().optional(),
  Peer: z.record(z.string(), z.unknown()).nullish(),
});

/** Who is on the tailnet, this machine first. */
export async function readTailnet(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<{ ok: true; peers: Peer[] } | { ok: false; failure: Failure }> {
  let answer = await askTailscale('tailscale', env);
  if (answer.kind === 'missing' && platform === 'darwin') answer = await askTailscale(ON_A_MAC, env);
  switch (answer.kind) {
    case 'missing':
      return fail(
        'environment',
        'no-tailscale',
        'there is no tailscale on the PATH of this machine',
        'Install it (https://tailscale.com/download), or write the addresses into config/errand.yaml yourself.',
      );
    case 'failed':
      return fail(
        'environment',
        'tailscale-failed',
        `tailscale status did not answer: ${answer.message}`,
        'Is its service running? Linux: sudo systemctl start tailscaled. Mac: open the app.',
      );
    case 'answered':
      return readStatus(answer.text);
  }
}

/** The peers in what `tailscale status --json` prints. One that is of another shape is left out. */
export function readStatus(text: string): { ok: true; peers: Peer[] } | { ok: false; failure: Failure } {
  const status = statusSchema.safeParse(parseJson(text));
  if (!status.success) {
    const hint = 'Look at it yourself: tailscale status --json. Its format may be newer than this errand.';
    return fail('environment', 'tailscale-unreadable', 'what tailscale status --json prints cannot be read', hint);
  }
  const { BackendState: state, Self: self, Peer: others } = status.data;
  if (state !== 'Running') return failByState(state);
  const found = [{ of: self, isSelf: true }, ...Object.values(others ?? {}).map((of) => ({ of, isSelf: false }))];
  const peers = found.flatMap(({ of, isSelf }): Peer[] => {
    const read = peerSchema.safeParse(of);
    if (!read.success || read.data.ShareeNode) return [];
    const { HostName: hostName, DNSName, TailscaleIPs, OS: os, Online: online } = read.data;
    return [{ isSelf, hostName, dnsName: DNSName.replace(/\.$/, ''), ips: TailscaleIPs ?? [], os, online: online || isSelf }];
  });
  return { ok: true, peers };
}

function failByState(state: string): { ok: false; failure: Failure } {
  const [why, hint] =
    state === 'NeedsLogin' || state === 'NoState'
      ? ['tailscale is not logged in on this machine', 'Log in: sudo tailscale up']
      : state === 'NeedsMachineAuth'
        ? ['this machine waits to be admitted to the tailnet', 'Approve it: https://login.tailscale.com/admin/machines']
        : state === 'Stopped'
          ? ['tailscale is switched off on this machine', 'Switch it on: sudo tailscale up']
          : [`tailscale is not ready on this machine: ${oneLine(state)}`, 'Try again in a moment, or see tailscale status.'];
  return fail('environment', 'tailscale-not-connected', why ?? '', hint);
}

type Answer = { kind: 'answered'; text: string } | { kind: 'missing' } | { kind: 'failed'; message: string };

function askTailscale(program: string, env: NodeJS.ProcessEnv): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env, timeout: PATIENCE_MS, maxBuffer: MAX_BYTES };
    execFile(program, ['status', '--json'], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ kind: 'answered', text: stdout });
      if (error.code === 'ENOENT') return resolve({ kind: 'missing' });
      const patience = `no answer within ${PATIENCE_MS / 1000} s`;
      resolve({ kind: 'failed', message: error.killed ? patience : oneLine(stderr) || oneLine(error.message) });
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
