import type { EnvPair, ServicePlan } from './plan/plan-service.ts';
import type { Done, ServiceManager, ServiceScope, ServiceState } from './service-state.ts';

/** What a manager shows of the service at this moment. */
export interface Running
  extends Pick<ServiceState, 'enabled' | 'active' | 'restarting' | 'mainPid' | 'restarts' | 'since' | 'says'> {
  /** When the main process was started, wall time in milliseconds, or null. */
  startedAtMs: number | null;
  /** The file that it was loaded from, which may be gone by now; null where the manager does not tell. */
  unitPath: string | null;
  /** The PATH that it has, whatever files it is from; null where the manager does not tell. */
  path: string | null;
}

/** How a start went, as far as it was waited for. */
export interface Start {
  /** Whether the worker has looked at the queue; null where the manager has no word for that. */
  ready: boolean | null;
}

/** One kind of service manager, for one scope. Its calls start programs; the files are the business of whoever calls. */
export interface ManagerPort {
  manager: Exclude<ServiceManager, 'none'>;
  scope: ServiceScope;
  /** Absolute path of the file, whether or not it is there. */
  unitPath: string;
  /** What enabling made beside it, absolute: it stays where the file itself was removed by hand. */
  links: readonly string[];
  render(plan: ServicePlan): string;
  readEnvironment(text: string): EnvPair[];
  /** Whether it answers at all. */
  reach(): Promise<ServiceState['reachable']>;
  look(): Promise<Running>;
  /** Takes the file up, lets it start by itself from now on, and starts the worker anew. Waits for it to be ready, for `waitMs` at most. */
  enable(waitMs: number): Promise<Done<Start>>;
  /** Stops the worker, which may take its grace, and lets it start no more. */
  disable(waitMs: number): Promise<Done>;
  /** After the file is gone. */
  forget(): Promise<void>;
  restart(waitMs: number): Promise<Done<Start>>;
  /** The program that shows what the worker said, and its arguments. */
  logs(lines: number, follow: boolean): [file: string, ...args: string[]];
}
