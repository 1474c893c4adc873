/** What runs services on this machine: systemd for one user, systemd for the machine, launchd, or nothing that errand knows. */
export type ServiceManager = 'systemd-user' | 'systemd-system' | 'launchd' | 'none';

/** Whose service it is: one user's, started at log-in (or, lingering, with the machine), or the machine's. */
export type ServiceScope = 'user' | 'system';

/** The worker's service as its manager and the files show it. Nothing of it is guessed: what cannot be known is null. */
export interface ServiceState {
  manager: ServiceManager;
  scope: ServiceScope;
  /** Whether the manager answers; `cause` says why not, for people. */
  reachable: { ok: true } | { ok: false; cause: string };
  /** Absolute path of the unit or property list that is installed, or null. */
  unitPath: string | null;
  /**
   * The file says what `errand service install` would write now, apart from the environment, which is that of the installation.
   * Null where the configuration that it is written from cannot be read here.
   */
  current: boolean | null;
  /** Another program's file stands under the name; nothing of errand's is installed. */
  foreign: boolean;
  /** The file was removed by hand while its worker runs. */
  orphaned: boolean;
  /** Starts by itself. */
  enabled: boolean;
  /** In the manager's words: `active`, `activating`, `inactive`, `failed`, …; `unknown` where it does not answer. */
  active: string;
  /** Whether this user's services start with the machine; null where that has no meaning or cannot be known. */
  lingering: boolean | null;
  /** Whether a service that is `activating` is so again, after it ended by itself. */
  restarting: boolean;
  /** The PATH that the worker gets, drop-ins included where the manager tells, or null without a file. */
  path: string | null;
  /** The other variables that its file gives it: where its configuration and its state are, if not in the usual place. */
  environment: Readonly<Record<string, string>>;
  /** Process id of the worker, or null. */
  mainPid: number | null;
  /** How often the manager started it again by itself, or null. */
  restarts: number | null;
  /** When it became what it is (`active`), ISO 8601 UTC, or null. */
  since: string | null;
  /** What the worker last said of itself, or null. */
  says: string | null;
  /** The worker that runs is older than the checkout's code; null where nothing runs or that cannot be known. */
  outdated: boolean | null;
}

/** Why something could not be done: what and why, and what to do. `code` is stable, kebab-case. */
export interface ServiceFailure {
  code: string;
  message: string;
  hint: string;
}

export type Done<T = object> = ({ ok: true } & T) | ({ ok: false } & { failure: ServiceFailure });

export function refuse(code: string, message: string, hint: string): { ok: false; failure: ServiceFailure } {
  return { ok: false, failure: { code, message, hint } };
}
