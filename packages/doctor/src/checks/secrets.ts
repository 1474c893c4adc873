import { chmod, stat } from 'node:fs/promises';
import { type EnvValue, type MachineConfig, resolveEnvValues } from '@errand/config';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { shellWord } from '../remote/server-command.ts';

/** Can the files with secrets be read, by this user and by nobody else. */
export const secrets: Check = {
  name: 'secrets',
  limitMs: 5_000,
  look: async ({ machine }) => (machine === null ? [] : lookAtSecrets(machine, process.getuid?.() ?? null)),
};

interface Secret {
  key: string;
  value: EnvValue;
}

async function lookAtSecrets(machine: MachineConfig, uid: number | null): Promise<Found[]> {
  const all = listSecrets(machine);
  if (all.length === 0 && machine.path === null) return [];
  const found: Found[] = [];
  for (const { key, value } of all) {
    if (typeof value === 'string') continue;
    const read = await resolveEnvValues({ [key]: value });
    if (!read.ok)
      found.push({ state: 'fault', what: read.causes.join('; '), remedy: 'Correct the file, or the path in the configuration.' });
    else found.push(...(await judgeMode(value.file, `the secret for ${key}`, uid)));
  }
  const inline = all.filter(({ value }) => typeof value === 'string' && value !== '').map(({ key }) => key);
  if (inline.length > 0 && machine.path !== null)
    found.push(...(await judgeMode(machine.path, `text for ${inline.join(', ')}`, uid)));
  if (found.length > 0) return found;
  return all.length === 0 ? [] : ok('files with secrets are for this user alone');
}

/** An agent's variables may hold keys; which ones do, nobody can tell. */
function listSecrets({ agents, ntfy }: MachineConfig): Secret[] {
  const ofAgents = Object.entries(agents).flatMap(([agent, { env }]) =>
    Object.entries(env).map(([name, value]) => ({ key: `agents.${agent}.env.${name}`, value })),
  );
  return [...ofAgents, ...(ntfy?.token === undefined ? [] : [{ key: 'ntfy.token', value: ntfy.token }])];
}

/** `uid`: who looks; null where the system has no such numbers. */
export async function judgeMode(path: string, holds: string, uid: number | null): Promise<Found[]> {
  const entry = await stat(path).catch(() => null);
  if (entry === null || (entry.mode & 0o077) === 0) return [];
  const seen = { state: 'warning', what: `other users of this machine may read ${path}`, why: `it holds ${holds}` } as const;
  if (uid !== null && entry.uid !== uid) return [{ ...seen, ...adviseOnForeign(path, entry.uid, uid) }];
  return [
    {
      ...seen,
      remedy: 'Keep it to yourself:',
      command: `chmod 600 ${shellWord(path)}`,
      repair: async () => {
        await chmod(path, 0o600);
        return { ok: true, did: `chmod 600 ${path}` };
      },
    },
  ];
}

/** Closed by its owner, a file that others are meant to read is lost to them: not for the doctor to do. */
function adviseOnForeign(path: string, owner: number, uid: number): Pick<Found, 'remedy' | 'command'> {
  const whose = `It belongs to ${owner === 0 ? 'root' : `another user (number ${owner})`}`;
  if (uid !== 0) return { remedy: `${whose}: name a copy of your own in the configuration, which nobody else may read.` };
  return { remedy: `${whose}: where nobody else needs it, close it:`, command: `chmod 600 ${shellWord(path)}` };
}
