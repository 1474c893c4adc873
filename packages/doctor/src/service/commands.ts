import { join } from 'node:path';
import type { ServiceHost, ServiceState } from '@errand/service';
import { shellWord } from '../remote/server-command.ts';

/** What repairs a service. */
export interface Commands {
  install: string;
  restart: string;
}

/** What to type for this service: the machine's belongs to root, who may not have errand on their PATH. */
export function serviceCommands({ scope }: ServiceState, { root }: ServiceHost): Commands {
  const type = (verb: string): string =>
    scope === 'system' ? `sudo ${shellWord(join(root, 'scripts', 'errand'))} service ${verb} --system` : `errand service ${verb}`;
  return { install: type('install'), restart: type('restart') };
}
