import { delimiter, dirname, join } from 'node:path';
import type { ServiceHost } from './service-host.ts';
import { refuse } from './service-state.ts';
import { quoteWord } from './type-as-root.ts';

/** What somebody wanted to do with a service. */
export type ServiceVerb = 'install' | 'uninstall' | 'restart' | 'logs';

/** Where no manager runs nothing can be installed: each wish has its own way to be fulfilled. */
export function refuseWithoutManager(host: ServiceHost, verb: ServiceVerb) {
  const where = 'errand knows no service manager on this machine: neither systemd nor launchd runs here';
  const message = verb === 'install' ? where : `nothing is installed here: ${where}`;
  return refuse('no-service-manager', message, whatInstead(host, verb));
}

function whatInstead(host: ServiceHost, verb: ServiceVerb): string {
  const end = 'end it by SIGTERM (kill PID; Ctrl-C in a terminal)';
  switch (verb) {
    case 'install':
      return `Let whatever starts programs here run this as ${host.user}: ${workerLine(host)}. It is ended by SIGTERM, and given its grace; errand help --page service says how long.`;
    case 'uninstall':
      return `If a worker runs that something else started: ${end}, and take it out of what starts it.`;
    case 'restart':
      return `If a worker runs that something else started: ${end}, wait until it is gone, and start it again: ${workerLine(host)}`;
    case 'logs':
      return 'A worker writes to its standard output: look where what starts it keeps that, or start it with >>errand.log 2>&1. What attempts said is kept in any case: errand logs ID.';
  }
}

/** What starts programs seldom has a person's HOME and PATH: the line brings both. */
function workerLine({ root, home, node, env }: ServiceHost): string {
  const folders = (env.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter((folder) => folder !== '');
  const path = [...new Set([dirname(node), ...folders])].join(delimiter);
  return `HOME=${quoteWord(home)} PATH=${quoteWord(path)} /bin/sh ${quoteWord(join(root, 'scripts', 'errand'))} worker`;
}
