import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Desk } from './desk.ts';
import { explainRemoteFailure, type RemoteFailure } from './explain-failure.ts';
import { hideSecrets } from './remote-address.ts';

/** A repository elsewhere. */
export interface Remote {
  address: string;
  /** Whether it lies on this disk, where nobody but our own git would serve it. */
  local: boolean;
}

/** Where git looks for a repository at a path (`enter_repo`). */
const SUFFIXES = ['', '/.git', '.git', '.git/.git'];
const MAX_LINK_BYTES = 4_096;

/**
 * Finds out how git would get to the repository, and refuses one on this disk that an attempt has made, or that names
 * programs which cannot be turned off. `root` is the state directory without links. Asks no remote; never throws.
 */
export async function findRemote(desk: Desk, address: string, root: string): Promise<({ ok: true } & Remote) | RemoteFailure> {
  // Settings of the user may lead the address elsewhere (`insteadOf`).
  const run = await desk.remote({ address, local: false }, {}, (name) => ['ls-remote', '--get-url', name]);
  if (run.exitCode !== 0) return explainRemoteFailure(run, address);
  const path = pathOf(run.stdout.toString('utf8').trimEnd());
  if (path === null) return { ok: true, address, local: false };
  const shown = hideSecrets(address);
  for (const place of await listPlaces(resolve(desk.dir, path))) {
    if (place === root || place.startsWith(root + sep)) {
      const hint = 'Name the repository that people push to.';
      return refused(`${shown} lies in the state directory of the worker, where attempts write`, hint);
    }
    // Git 2.54 takes hooks from settings too, and has no switch for all of them.
    const hooks = await desk.local({ gitDir: place }, ['config', '--name-only', '--get-regexp', '^hook\\.']);
    if (hooks.exitCode === 0) {
      const hint = 'Take hook.* out of its config, or give an address that is served by ssh or https.';
      return refused(`the settings of ${shown} name hooks, and none may run here`, hint);
    }
  }
  return { ok: true, address, local: true };
}

function refused(message: string, hint: string): RemoteFailure {
  return { ok: false, cause: 'failed', message, hint };
}

/** The path of a repository on this disk, null where git would ask another program or machine (`url_is_local_not_ssh`). */
export function pathOf(url: string): string | null {
  if (url.startsWith('file://')) {
    const rest = unescapePath(url.slice('file://'.length));
    return rest.startsWith('/') ? rest : `//${rest}`;
  }
  const colon = url.indexOf(':');
  const slash = url.indexOf('/');
  return colon === -1 || (slash !== -1 && slash < colon) ? url : null;
}

function unescapePath(text: string): string {
  const latin1 = Buffer.from(text, 'utf8').toString('latin1');
  const bytes = latin1.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Every place that the path may mean to git, as written and as it really is, with what a `.git` file there leads to. */
async function listPlaces(path: string): Promise<Set<string>> {
  const places = new Set([path]);
  for (const suffix of SUFFIXES) {
    const real = await realpath(path + suffix).catch(() => null);
    if (real === null) continue;
    places.add(real);
    const target = await readGitFile(real);
    if (target !== null) places.add(await realpath(target).catch(() => target));
  }
  return places;
}

async function readGitFile(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size > MAX_LINK_BYTES) return null;
  const text = await readFile(path, 'utf8').catch(() => '');
  const target = /^gitdir: (.+?)\s*$/.exec(text)?.[1];
  return target === undefined ? null : resolve(dirname(path), join(target));
}
