import type { Check, CheckContext } from './check.ts';
import type { Finding, Found } from './finding.ts';

export interface RunOptions {
  /** Repair what may be repaired. */
  fix: boolean;
  /** Told before each check. */
  onChecking?(name: string): void;
}

/** Runs checks one after the other. None stops another: one that breaks or takes too long is a finding of its own. */
export async function runChecks(checks: readonly Check[], context: CheckContext, options: RunOptions): Promise<Finding[]> {
  const all: Finding[] = [];
  for (const check of checks) {
    if (context.signal.aborted) break;
    options.onChecking?.(check.name);
    for (const one of await lookWithinLimit(check, context)) all.push(await settle(check.name, one, options.fix));
  }
  return all;
}

async function lookWithinLimit(check: Check, context: CheckContext): Promise<readonly Found[]> {
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  let clock: NodeJS.Timeout | undefined;
  const tooLong = new Promise<readonly Found[]>((resolve) => {
    clock = setTimeout(() => {
      ended.abort();
      resolve([notLooked(`this took more than ${Math.round(check.limitMs / 1000)} s and was given up`)]);
    }, check.limitMs);
  });
  try {
    return await Promise.race([check.look({ ...context, signal }), tooLong]);
  } catch (error) {
    return [notLooked(error instanceof Error ? error.message : String(error))];
  } finally {
    clearTimeout(clock);
  }
}

/** What is told of a check that broke, or was given up. */
export const NOT_LOOKED = 'this could not be looked at';

function notLooked(why: string): Found {
  return {
    state: 'warning',
    what: NOT_LOOKED,
    why,
    remedy: 'Run errand doctor again; where it stays, report it.',
  };
}

async function settle(check: string, found: Found, fix: boolean): Promise<Finding> {
  const finding: Finding = {
    check,
    state: found.state,
    what: found.what,
    why: found.why ?? null,
    remedy: found.remedy ?? null,
    command: found.command ?? null,
    fixable: found.repair !== undefined,
    fixed: found.did !== undefined,
    did: found.did ?? null,
  };
  if (!fix || found.repair === undefined) return finding;
  try {
    const repaired = await found.repair();
    return repaired.ok ? { ...finding, fixed: true, did: repaired.did } : { ...finding, did: `could not: ${repaired.why}` };
  } catch (error) {
    return { ...finding, did: `could not: ${error instanceof Error ? error.message : String(error)}` };
  }
}
