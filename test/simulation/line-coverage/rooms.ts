import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Files of the source that the simulation is meant to run, as paths from the root of the repository. */
export interface Room {
  name: string;
  files: string[];
}

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Extent {
  name: string;
  /** Their files count, those of the folders in them do not. */
  folders: string[];
  /** Files of these folders that do not count, and why. */
  except: { [file: string]: string };
}

const A_PROCESS = 'runs the processes of an attempt; in the simulation an attempt is simulated';
const AN_AGENT = 'about the programs of agents and their logins, of which the simulation has none';
const A_START = 'puts a worker together over the real platform; boot.ts does so over the simulated one';
const PEOPLE = 'reaches people over ntfy, after the fact; nothing of the queue depends on it';

const EXTENTS: Extent[] = [
  { name: 'planner', folders: ['packages/planner/src'], except: {} },
  // The port's implementation (`git/`), what a server's repository is maintained with (`server/`) and what tests use are folders of their own.
  { name: 'queue above its git port', folders: ['packages/queue/src'], except: {} },
  {
    name: "worker's duties",
    folders: ['packages/worker/src', 'packages/worker/src/duties'],
    except: {
      'agents-here.ts': AN_AGENT,
      'attempt.ts': A_PROCESS,
      'check-claude.ts': AN_AGENT,
      'choose-session.ts': AN_AGENT,
      'clock.ts': A_START,
      'deliver.ts': A_PROCESS,
      'execute.ts': A_PROCESS,
      'execution.ts': A_PROCESS,
      'login-watcher.ts': AN_AGENT,
      'notifier.ts': PEOPLE,
      'out-of-touch.ts': A_PROCESS,
      'place.ts': A_PROCESS,
      'prepare-account.ts': AN_AGENT,
      'reach-people.ts': PEOPLE,
      'remove-planted.ts': A_PROCESS,
      'run-log.ts': A_PROCESS,
      'run-progress.ts': A_PROCESS,
      'run-switches.ts': A_PROCESS,
      'start-worker.ts': A_START,
      'verify.ts': A_PROCESS,
      'watch-remote.ts': A_START,
    },
  },
];

/** The rooms with the files that they have now. An exception that names no file is an error. */
export function listRooms(): Promise<Room[]> {
  return Promise.all(
    EXTENTS.map(async ({ name, folders, except }) => {
      const found = (await Promise.all(folders.map(listSources))).flat();
      const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1);
      const names = new Set(found.map(nameOf));
      for (const file of Object.keys(except)) if (!names.has(file)) throw new Error(`${name} has no ${file} to leave out`);
      return { name, files: found.filter((file) => !Object.hasOwn(except, nameOf(file))) };
    }),
  );
}

async function listSources(folder: string): Promise<string[]> {
  const names = await readdir(`${ROOT}${folder}`);
  const isSource = (name: string): boolean => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts';
  return names.filter(isSource).map((name) => `${folder}/${name}`);
}
