import type { CommandResult } from '@errand/testing';
import { type BootedMachine, cloneCheckout, USER } from '../service/rig/booted-machine.ts';

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
    await cloneCheckout(machine, `/home/${USER}/errand`);
    await cloneCheckout(machine, '/home/laptop/errand', 'laptop');
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
