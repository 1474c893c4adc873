import type { Check } from './check.ts';
import { agents } from './checks/agents.ts';
import { atomic } from './checks/atomic.ts';
import { branch } from './checks/branch.ts';
import { clock } from './checks/clock.ts';
import { clone } from './checks/clone.ts';
import { config } from './checks/config.ts';
import { containment } from './checks/containment.ts';
import { customRefs } from './checks/custom-refs.ts';
import { deletion } from './checks/deletion.ts';
import { disk } from './checks/disk.ts';
import { filters } from './checks/filters.ts';
import { leases } from './checks/leases.ts';
import { locks } from './checks/locks.ts';
import { ntfy } from './checks/ntfy.ts';
import { outbox } from './checks/outbox.ts';
import { git, node } from './checks/programs.ts';
import { queueConfig } from './checks/queue-config.ts';
import { refCount } from './checks/ref-count.ts';
import { remote } from './checks/remote.ts';
import { repository } from './checks/repository.ts';
import { sandbox } from './checks/sandbox.ts';
import { secrets } from './checks/secrets.ts';
import { service } from './checks/service.ts';
import { stateFolder } from './checks/state-dir.ts';
import { workers } from './checks/workers.ts';

/** Everything that the doctor looks at, in the order in which it is told: what the rest needs comes first. */
export const CHECKS: readonly Check[] = [
  git,
  node,
  config,
  secrets,
  stateFolder,
  disk,
  locks,
  repository,
  remote,
  customRefs,
  deletion,
  leases,
  atomic,
  branch,
  filters,
  refCount,
  clone,
  queueConfig,
  workers,
  outbox,
  clock,
  containment,
  sandbox,
  agents,
  service,
  ntfy,
];
