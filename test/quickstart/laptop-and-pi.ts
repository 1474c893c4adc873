import { type CommandResult, mustRun } from '@errand/testing';
import { type BootedMachine, copyCheckout, USER } from '../service/rig/booted-machine.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** One booted machine whose two users stand for two: `laptop`, who reaches `pi` by ssh under that name. */
export class LaptopAndPi {
  readonly #machine: BootedMachine;

  private constructor(machine: BootedMachine) {
    this.#machine = machine;
  }

  static async meet(machine: BootedMachine): Promise<LaptopAndPi> {
    const both = new LaptopAndPi(machine);
    await machine.must('useradd', '--create-home', '--shell', '/bin/sh', 'laptop');
    await machine.must('sh', '-ec', SSH);
    await copyCheckout(machine, '/srv/checkout', 'root');
    await machine.must('sh', '-ec', HOST);
    await lendPackages(machine);
    // As its owner has set up the Pi, once: services of this user start with the machine.
    await machine.must('loginctl', 'enable-linger', USER);
    return both;
  }

  /** What a terminal of this user shows when the command is typed there: both streams, without colours. */
  async type(on: string, command: string): Promise<CommandResult> {
    const user = on === 'pi' ? USER : on;
    const env = [
      `HOME=/home/${user}`,
      `USER=${user}`,
      'SHELL=/bin/sh',
      'TERM=xterm',
      'NO_COLOR=1',
      'LC_ALL=C.UTF-8',
      `PATH=/home/${user}/.local/bin:${PATH}`,
      // The machine has no network.
      'npm_config_offline=true',
      'npm_config_progress=false',
    ];
    const enter = ['-u', user, '--', 'env', '-i', '-C', `/home/${user}`, ...env];
    const typed = await this.#machine.run(
      'runuser',
      ...enter,
      'script',
      '--quiet',
      '--return',
      '--command',
      command,
      '/dev/null',
    );
    return { ...typed, stdout: typed.stdout.replaceAll('\r', '').replaceAll('\u0004\b\b', '').replaceAll('^D\b\b', '') };
  }
}

/** What npm has downloaded before on this machine, for each of the two to have: it writes even where it only looks things up. */
async function lendPackages(machine: BootedMachine): Promise<void> {
  const { HOME = '', PATH: path = '' } = process.env;
  const cache = (await mustRun('npm', ['config', 'get', 'cache'], { env: { HOME, PATH: path } })).trim();
  const copy = 'mkdir -p "$1/.npm" && cp -r "$2/_cacache" "$1/.npm/" && chown -R "$3:" "$1/.npm"';
  for (const user of ['laptop', USER]) await machine.must('sh', '-ec', copy, 'sh', `/home/${user}`, cache, user);
}

/** This checkout as a repository on a git host, under the address that the page names. */
const HOST = `
export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x HOME=/root
cd /srv/checkout
git init --quiet -b main
git add --all
git commit --quiet -m x
git config --system url./srv/checkout/.git.insteadOf https://git.example/errand.git
git config --system safe.directory /srv/checkout/.git
`;

/** A server with a key of its own that lets the laptop in, and the laptop's configuration for it. */
const SSH = `
# Without a password, and not locked.
usermod -p '*' ${USER}
mkdir -p /run/sshd /srv/ssh
for key in host id; do ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/$key; done
install -d -m 700 -o laptop -g laptop /home/laptop/.ssh
install -m 600 -o laptop -g laptop /srv/ssh/id /home/laptop/.ssh/id_ed25519
install -d -m 700 -o ${USER} -g ${USER} /home/${USER}/.ssh
install -m 600 -o ${USER} -g ${USER} /srv/ssh/id.pub /home/${USER}/.ssh/authorized_keys
printf 'pi %s\\n' "$(cut -d' ' -f1,2 /srv/ssh/host.pub)" >/home/laptop/.ssh/known_hosts
printf 'Host pi\\n  HostName 127.0.0.1\\n  HostKeyAlias pi\\n  User ${USER}\\n' >/home/laptop/.ssh/config
chown laptop: /home/laptop/.ssh/known_hosts /home/laptop/.ssh/config
printf 'ListenAddress 127.0.0.1\\nHostKey /srv/ssh/host\\nUsePAM no\\nPidFile none\\n' >/srv/ssh/sshd_config
/usr/sbin/sshd -f /srv/ssh/sshd_config
`;
