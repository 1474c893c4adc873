import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Where ssh leads to, from the queue's file: checked against closed patterns there, and not trusted. */
export interface SshTarget {
  machine: string;
  address: string;
  user?: string;
  port?: number;
}

interface SshUse {
  /** The program and the options of the person's own. */
  ssh: readonly string[];
  target: SshTarget;
  /** Whether the command there gets a terminal. */
  terminal: boolean;
  /** Whether ssh may ask for a password or about an unknown host. */
  mayAsk: boolean;
  /** Private folder for the socket of the shared connection; null where there is none. */
  socketFolder: string | null;
  /** File for what ssh itself has to say. */
  logPath: string;
}

/**
 * The command line of ssh up to the remote command. Only what must not be the choice of a person's `~/.ssh/config` is set: no
 * hanging, nothing lent to a host that the queue names, nothing but the command run. A person's own options come first, and
 * with ssh the first one wins.
 */
export function buildSshArguments({ ssh, target, terminal, mayAsk, socketFolder, logPath }: SshUse): [string, ...string[]] {
  const [program = 'ssh', ...own] = ssh;
  const options = [
    `BatchMode=${mayAsk ? 'no' : 'yes'}`,
    'ConnectTimeout=10',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    // Whoever can push names the host: it gets no key agent, no display and no port of this machine.
    'ForwardAgent=no',
    'ForwardX11=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    // Greetings of the server are not what the command says.
    'LogLevel=ERROR',
    ...(socketFolder === null ? ['ControlPath=none'] : shareConnection(ssh, target, socketFolder)),
  ];
  return [
    program,
    ...own,
    ...options.flatMap((option) => ['-o', option]),
    '-E',
    logPath,
    terminal ? '-tt' : '-T',
    ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    ...(target.user === undefined ? [] : ['-l', target.user]),
    '--',
    target.address,
  ];
}

/** Not ssh's own `%C`: two keys for one host (`-i` in ERRAND_SSH) must not share a connection. */
function shareConnection(ssh: readonly string[], { address, user, port }: SshTarget, socketFolder: string): string[] {
  const name = createHash('sha256')
    .update(JSON.stringify([ssh, address, user, port]))
    .digest('hex')
    .slice(0, 16);
  return ['ControlMaster=auto', `ControlPath=${join(socketFolder, name)}`, 'ControlPersist=60'];
}

/** `me@pi.example.net`, port 2222 where it is another than ssh's. */
export function spellTarget({ address, user, port }: Omit<SshTarget, 'machine'>): string {
  return `${user === undefined ? '' : `${user}@`}${address}${port === undefined ? '' : `, port ${port}`}`;
}
