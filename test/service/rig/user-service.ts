import { writeFile } from 'node:fs/promises';
import { parseResult, type Result } from '@errand/task';
import { until } from '../../rig/processes.ts';
import { type BootedMachine, cloneCheckout, USER } from './booted-machine.ts';

export const HOME = `/home/${USER}`;
export const CLONE = `${HOME}/errand`;
export const ERRAND = `${CLONE}/scripts/errand`;
const QUEUE = `${HOME}/queue.git`;
const UNIT = `${HOME}/.config/systemd/user/errand.service`;

/** The worker's service of a booted machine's user: its queue, its configuration, its unit, its results. */
export class UserService {
  readonly machine: BootedMachine;

  constructor(machine: BootedMachine) {
    this.machine = machine;
  }

  /** What README.md and docs/service.md tell a person to type, with this checkout in place of the clone. */
  static async install(machine: BootedMachine): Promise<UserService> {
    const service = new UserService(machine);
    await cloneCheckout(machine, CLONE);
    await machine.mustAsUser(`${CLONE}/scripts/install`);
    await machine.mustAsUser('git', 'init', '--quiet', '--bare', '-b', 'main', QUEUE);
    await machine.mustAsUser('errand', 'init', QUEUE);
    await machine.mustAsUser('errand', 'join', QUEUE, '--machine', 'pi');
    await service.configure();
    await machine.must('loginctl', 'enable-linger', USER);
    await machine.mustAsUser('errand', 'service', 'install');
    return service;
  }

  async configure({ permissions = 'edits', more = '' } = {}): Promise<void> {
    const lines = [
      `queue: ${QUEUE}`,
      'machine: pi',
      `policy: { agents: [command], permissions: ${permissions} }`,
      'agents: { command: { argv: [sh, -s] } }',
      'default_agent: command',
      'poll: { interval: 1s }',
      more,
      '',
    ];
    await this.machine.write(`${HOME}/.config/errand/config.yaml`, lines.join('\n'));
  }

  /** Settings of the unit for this test, as a person would change them: in a drop-in. Taken up at the next start. */
  async dropIn(lines: readonly string[]): Promise<void> {
    await this.machine.write(`${UNIT}.d/test.conf`, ['[Service]', ...lines, ''].join('\n'));
    await this.machine.systemctl('daemon-reload');
  }

  /** The next task that is filed runs this script; resolves to its id. */
  async delegate(script: string): Promise<string> {
    return (await this.machine.mustAsUser('errand', 'delegate', 'pi', script)).trim();
  }

  /** The result of a task, once it is there. */
  async result(id: string): Promise<Result> {
    let path = '';
    await until(async () => {
      const listed = await this.machine.mustAsUser('git', '-C', QUEUE, 'ls-tree', '-r', '--name-only', 'main', 'results/');
      path = listed.split('\n').find((name) => name.endsWith(`/${id}.md`)) ?? '';
      return path !== '';
    });
    const parsed = parseResult(path, await this.machine.mustAsUser('git', '-C', QUEUE, 'show', `main:${path}`));
    if (!parsed.ok) throw new Error(`${path}: ${JSON.stringify(parsed.problems)}`);
    return parsed.value;
  }

  async untilShows(property: string, wanted: string | RegExp): Promise<void> {
    await until(async () => {
      const shown = await this.machine.show(property);
      return typeof wanted === 'string' ? shown === wanted : wanted.test(shown);
    });
  }

  /** Process ids in the control group of the service, its attempts' included. */
  async processes(): Promise<number[]> {
    const group = await this.machine.show('ControlGroup');
    const script =
      'cd "/sys/fs/cgroup/unified$1" 2>/dev/null || cd "/sys/fs/cgroup$1" 2>/dev/null || exit 0; find . -name cgroup.procs -exec cat {} +';
    const listed = await this.machine.must('sh', '-c', script, 'sh', group || '/no-such-group');
    return listed.split('\n').filter(Boolean).map(Number);
  }

  /** What stops a script until `open`: a pipe that it reads a line from. */
  async gate(name: string): Promise<{ wait: string; open(): Promise<void> }> {
    const path = `${HOME}/${name}`;
    await this.machine.mustAsUser('mkfifo', path);
    return { wait: `read -r go < ${path}`, open: () => writeFile(this.machine.path(path), 'go\n') };
  }
}
