import type { Finding } from '@errand/doctor';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { until } from '../rig/processes.ts';
import { BootedMachine, USER } from './rig/booted-machine.ts';
import { CLONE, ERRAND, HOME, UserService } from './rig/user-service.ts';
import { whyNoSystemd } from './rig/why-no-systemd.ts';

const missing = whyNoSystemd();
const BOOT_MS = 180_000;

// One machine for all of them, in this order: a boot and a build are what takes time here.
describe.skipIf(missing !== null && process.env.CI !== 'true')(
  `the worker as a service of a real systemd${missing === null ? '' : ` (${missing})`}`,
  () => {
    let machine: BootedMachine;
    let service: UserService;

    beforeAll(async () => {
      machine = await BootedMachine.boot();
      service = await UserService.install(machine);
    }, BOOT_MS);
    afterAll(() => machine?.[Symbol.asyncDispose]());

    // Each begins where the one before it ended.
    let broken = false;
    beforeEach(async ({ skip }) => {
      if (broken) skip('the one before it failed');
      onTestFailed(async () => {
        broken = true;
        console.error((await machine.run('journalctl', '--no-pager', '--lines=60')).stdout);
      });
    });

    const status = async (): Promise<Record<string, unknown>> =>
      JSON.parse((await machine.runAsUser('errand', 'service', 'status', '--json')).stdout);
    const answerOf = async (script: string): Promise<string> => (await service.result(await service.delegate(script))).answer;

    test('installed by the documented commands, it runs, starts with the machine, and holds attempts in control groups', async () => {
      expect(await status()).toMatchObject({
        manager: 'systemd-user',
        active: 'active',
        says: 'waits for tasks',
        enabled: true,
        lingering: true,
        current: true,
        outdated: false,
        restarts: 0,
      });
      expect(await machine.mustAsUser('errand', 'service', 'logs')).toContain('worker pi started (containment: cgroup)');
      const answer = await answerOf('cat /proc/self/cgroup /proc/self/status; env');
      expect(answer).toMatch(/^0::.*\/errand\.service\/errand-\w+$/m);
      expect(answer).not.toMatch(/NOTIFY_SOCKET|WATCHDOG|JOURNAL_STREAM|INVOCATION_ID/);
      expect(answer).toMatch(/^NoNewPrivs:\t1$/m);
    });

    test('errand doctor has nothing against it, and names what goes wrong with it, each with its remedy', async () => {
      const found = async (...options: string[]): Promise<Finding[]> =>
        JSON.parse((await machine.runAsUser('errand', 'doctor', '--json', ...options)).stdout).findings;
      const named = async (...options: string[]) =>
        (await found('--offline', ...options)).filter(({ check, state }) => check === 'service' && state !== 'ok');
      const healthy = await found();
      expect(healthy.filter(({ state }) => state === 'fault')).toEqual([]);
      expect(healthy).toContainEqual(expect.objectContaining({ state: 'ok', what: 'the service is installed and active' }));

      await machine.systemctl('stop', 'errand.service');
      const unit = `${HOME}/.config/systemd/user/errand.service`;
      await machine.mustAsUser('sed', '-i', '$a# edited', unit);
      const outdated = { state: 'warning', what: expect.stringContaining(unit), command: 'errand service install' };
      expect(await named()).toMatchObject([
        outdated,
        { state: 'fault', what: 'the service is inactive', command: 'errand service restart' },
      ]);
      await machine.must('loginctl', 'disable-linger', USER);
      const manager = `user@${machine.uid}.service`;
      await until(async () => (await machine.run('systemctl', 'is-active', manager)).stdout.trim() === 'inactive');
      expect(await named('--fix')).toMatchObject([
        outdated,
        { state: 'fault', command: `sudo loginctl enable-linger ${USER}`, fixed: true, did: 'turned lingering on for this user' },
      ]);
      await machine.mustAsUser('errand', 'service', 'install');
      expect(await named()).toEqual([]);
      expect(await status()).toMatchObject({ active: 'active', current: true, lingering: true });
    });

    test('a service that ends again and again, or does not find its programs, is no sound one', async () => {
      const what = async (): Promise<unknown[]> =>
        JSON.parse((await machine.runAsUser('errand', 'doctor', '--offline', '--json')).stdout)
          .findings.filter(({ check, state }: Finding) => check === 'service' && state !== 'ok')
          .map(({ state, what }: Finding) => `${state}: ${what}`);
      await service.dropIn(['Environment=PATH=/nowhere', 'RestartSec=1s']);
      expect(await what()).toContainEqual(expect.stringMatching(/^fault: the service does not find git/));
      await machine.systemctl('restart', '--no-block', 'errand.service');
      await service.untilShows('NRestarts', /^[1-9]/);
      expect(await what()).toContainEqual(expect.stringMatching(/^fault: the service does not stay up/));
      expect((await machine.runAsUser('errand', 'service', 'status')).stdout).toContain('! It does not stay up');
      await service.dropIn(['RestartSec=100ms']);
      await machine.systemctl('restart', 'errand.service');
      expect(await what()).toEqual([]);
    });

    test('with permissions: bypass an installation lets agents become root where their user may', async () => {
      await service.configure({ permissions: 'bypass' });
      expect(await machine.mustAsUser('errand', 'service', 'status')).toContain('run errand service install');
      expect(await machine.mustAsUser('errand', 'service', 'install')).toContain('Updated');
      expect(await answerOf('grep NoNewPrivs /proc/self/status')).toContain('NoNewPrivs:\t0');
      expect(await machine.mustAsUser('errand', 'service', 'install')).toContain('Nothing to change');
    });

    test('it is ready only when it has looked at the queue, and until then asks for more time', async () => {
      await machine.systemctl('stop', 'errand.service');
      await machine.mustAsUser('mv', `${HOME}/queue.git`, `${HOME}/away.git`);
      await service.dropIn(['TimeoutStartSec=6s', 'WatchdogSec=6s', 'RestartSec=100ms']);
      await machine.systemctl('start', '--no-block', 'errand.service');
      await service.untilShows('StatusText', /^the queue does not answer/);
      const pid = await machine.show('MainPID');
      const began = performance.now();
      await until(() => performance.now() - began > 7_000);
      expect(await machine.show('ActiveState')).toBe('activating');
      expect(await machine.show('MainPID')).toBe(pid);
      await machine.mustAsUser('mv', `${HOME}/away.git`, `${HOME}/queue.git`);
      await service.untilShows('ActiveState', 'active');
      expect([await machine.show('MainPID'), await machine.show('StatusText')]).toEqual([pid, 'waits for tasks']);
    });

    test('killed with a task in flight, it is started again, and the task is run to its end', async () => {
      const gate = await service.gate('killed');
      const id = await service.delegate(`echo "$ERRAND_ATTEMPT"; ${gate.wait}`);
      await service.untilShows('StatusText', `runs ${id}`);
      const pid = await machine.show('MainPID');
      await machine.must('kill', '-9', pid);
      await service.untilShows('NRestarts', '1');
      await service.untilShows('StatusText', `runs ${id}`);
      await gate.open();
      const { state, attempts } = await service.result(id);
      expect([state, attempts.map(({ outcome }) => outcome)]).toEqual(['done', ['lost', 'done']]);
    });

    test('restart: what runs may finish within its grace', async () => {
      const gate = await service.gate('finishing');
      const id = await service.delegate(`${gate.wait}; echo finished`);
      await service.untilShows('StatusText', `runs ${id}`);
      const restarting = machine.mustAsUser('errand', 'service', 'restart');
      await service.untilShows('StatusText', `stops; runs ${id}`);
      await gate.open();
      expect(await restarting).toContain('The worker runs.');
      const { state, attempts } = await service.result(id);
      expect([state, attempts.map(({ outcome }) => outcome)]).toEqual(['done', ['done']]);
    });

    test('restart: what does not finish in its grace is given back, and run by the worker that starts', async () => {
      await service.configure({ more: 'grace: { shutdown: 1s, kill: 1s }' });
      await machine.mustAsUser('errand', 'service', 'restart');
      const gate = await service.gate('given-back');
      const id = await service.delegate(gate.wait);
      await service.untilShows('StatusText', `runs ${id}`);
      const before = await machine.show('MainPID');
      expect(await machine.mustAsUser('errand', 'service', 'restart')).toContain('The worker runs.');
      expect(await machine.show('MainPID')).not.toBe(before);
      await service.untilShows('StatusText', `runs ${id}`);
      await gate.open();
      const { state, attempts } = await service.result(id);
      expect([state, attempts.map(({ outcome }) => outcome)]).toEqual(['done', ['stopped', 'done']]);
    });

    test('stopped, it leaves within its grace, and nothing of an agent that does not want to go is left', async () => {
      const id = await service.delegate("trap '' TERM; (trap '' TERM; setsid sleep 1000) & sleep 1001");
      await service.untilShows('StatusText', `runs ${id}`);
      expect((await service.processes()).length).toBeGreaterThan(2);
      const began = performance.now();
      await machine.systemctl('stop', 'errand.service');
      // Its grace of two seconds, and the minute that it may take to give back.
      expect(performance.now() - began).toBeLessThan(62_000);
      expect([await machine.show('ActiveState'), await machine.show('Result')]).toEqual(['inactive', 'success']);
      expect(await service.processes()).toEqual([]);
      expect((await machine.run('pgrep', '-u', USER, '-x', 'sleep')).stdout).toBe('');
      await machine.mustAsUser('errand', 'cancel', id);
    });

    test('a worker that is stopped, or waits for what never comes, is noticed and started again', async () => {
      await service.dropIn(['WatchdogSec=3s', 'RestartSec=100ms']);
      await machine.systemctl('start', 'errand.service');
      await machine.must('kill', '-STOP', await machine.show('MainPID'));
      await service.untilShows('NRestarts', '1');
      await service.untilShows('ActiveState', 'active');

      // A pipe in place of a file: it is opened for reading, and that never ends. The event loop goes on.
      const outbox = (await machine.mustAsUser('sh', '-c', 'echo ~/.local/state/errand/queues/*/outbox')).trim();
      await machine.mustAsUser('mkfifo', `${outbox}/never.json`);
      await service.untilShows('NRestarts', '2');
      await machine.mustAsUser('rm', `${outbox}/never.json`);
      await service.untilShows('StatusText', 'waits for tasks');
      const log = await machine.mustAsUser('errand', 'service', 'logs', '--lines', '100');
      expect(log.match(/Watchdog timeout/g)?.length).toBeGreaterThanOrEqual(2);
    }, 120_000);

    test('while the checkout is changed under it, the worker that runs goes on; restart brings it up to date', async () => {
      await service.dropIn(['RestartSec=100ms']);
      await machine.mustAsUser('errand', 'service', 'restart');
      // As in the middle of a build: of the code that it was started from, only the guard that it may have to start is there.
      const gone = 'cd "$1" && mv packages gone && mkdir -p packages/cli/dist && cp -p gone/cli/dist/guard-* packages/cli/dist/';
      await machine.mustAsUser('sh', '-c', gone, 'sh', CLONE);
      // At once, whoever still reads there.
      await machine.must('umount', '--lazy', `${CLONE}/node_modules`);
      const gate = await service.gate('unchanged');
      const push =
        'd=$(mktemp -d) && git clone -q ~/queue.git $d && cd $d && echo "$1; echo still here" > tasks/still.md && git add . && git -c user.name=me -c user.email=me@x commit -qm x && git push -q';
      await machine.mustAsUser('sh', '-c', push, 'sh', gate.wait);
      // The guard starts with the first attempt: it is the one program that a worker starts from its own code.
      await until(async () => (await machine.run('pgrep', '-u', USER, '-f', 'dist/guard-')).exitCode === 0);
      await gate.open();
      expect((await service.result('still')).answer).toContain('still here');
      await machine.must('mount', '--bind', '/srv/node_modules', `${CLONE}/node_modules`);
      const back = 'cd "$1" && rm -r packages && mv gone packages';
      await machine.mustAsUser('sh', '-c', back, 'sh', CLONE);
      // Code that is newer than the worker beyond doubt; then, for the one that starts, of now.
      const code = `${CLONE}/packages/cli/dist/worker-bundle.js`;
      await machine.mustAsUser('touch', '--date=1 minute', code);
      expect(await machine.mustAsUser('errand', 'service', 'status')).toContain('run errand service restart');
      await machine.mustAsUser('touch', code);
      await machine.mustAsUser('errand', 'service', 'restart');
      expect(await status()).toMatchObject({ outdated: false, active: 'active' });
    });

    test('restart brings new code to a task in flight, and code that does not build stops nothing', async () => {
      const gate = await service.gate('upgraded');
      const id = await service.delegate(gate.wait);
      await service.untilShows('StatusText', `runs ${id}`);
      const pid = await machine.show('MainPID');
      const source = `${CLONE}/packages/cli/src/worker-lines.ts`;
      await machine.mustAsUser('cp', '-p', source, `${source}.before`);
      await machine.mustAsUser('sh', '-c', 'echo "const = ;" >> "$1"', 'sh', source);
      const refused = await machine.runAsUser('errand', 'service', 'restart');
      expect([refused.exitCode, await machine.show('MainPID')]).toEqual([4, pid]);

      await machine.mustAsUser(
        'sh',
        '-c',
        'sed "s/ started (containment/ began anew (containment/" "$1.before" > "$1"',
        'sh',
        source,
      );
      expect(await machine.mustAsUser('errand', 'service', 'restart')).toContain('The worker runs.');
      expect(await machine.mustAsUser('errand', 'service', 'logs')).toContain('worker pi began anew (containment: cgroup)');
      await service.untilShows('StatusText', `runs ${id}`);
      await gate.open();
      expect((await service.result(id)).attempts.map(({ outcome }) => outcome)).toEqual(['stopped', 'done']);
      await machine.mustAsUser('mv', `${source}.before`, source);
    });

    test('what is done about it from another shell is done about its own configuration and state', async () => {
      const places = [`ERRAND_CONFIG=${HOME}/big/c.yaml`, `ERRAND_STATE_DIR=${HOME}/big/state`];
      await machine.mustAsUser('sh', '-c', 'mkdir -p ~/big && cp ~/.config/errand/config.yaml ~/big/c.yaml');
      await machine.mustAsUser('env', ...places, 'errand', 'service', 'install');
      await machine.mustAsUser('sh', '-c', 'echo "machine: [" > ~/.config/errand/config.yaml');
      // The file of this shell is not the one that it starts with.
      expect(await machine.mustAsUser('errand', 'service', 'restart')).toContain('The worker runs.');
      const again = await machine.runAsUser('errand', 'service', 'install');
      expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining(`keeps ERRAND_CONFIG=${HOME}/big/c.yaml`)]);
      expect(await machine.show('Environment')).toContain(places.join(' '));
      await service.configure();
      const anew = await machine.mustAsUser('env', 'ERRAND_CONFIG=', 'ERRAND_STATE_DIR=', 'errand', 'service', 'install');
      expect(anew).toContain('Updated');
      expect(await machine.show('Environment')).not.toContain('ERRAND_');
    });

    test('a service whose file somebody removed is known to run, and uninstall stops it and leaves nothing', async () => {
      await machine.mustAsUser('rm', `${HOME}/.config/systemd/user/errand.service`);
      const pid = await machine.show('MainPID');
      expect((await machine.runAsUser('errand', 'service', 'status')).stdout).toContain(`still runs (process ${pid})`);
      await machine.mustAsUser('errand', 'service', 'uninstall');
      expect(await service.processes()).toEqual([]);
      expect(await machine.mustAsUser('find', `${HOME}/.config/systemd`, '-name', 'errand.service')).toBe('');
      await machine.mustAsUser('errand', 'service', 'install');
    });

    test('a configuration that is wrong is told at installation, and not started again and again', async () => {
      await service.configure({ permissions: 'everything' });
      const refused = await machine.runAsUser('errand', 'service', 'install');
      expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringMatching(/config\.yaml:3:.*permissions/)]);
      expect(await machine.show('ActiveState')).toBe('active');
      await machine.systemctl('restart', 'errand.service');
      await service.untilShows('ActiveState', 'failed');
      expect([await machine.show('NRestarts'), await machine.show('ExecMainStatus')]).toEqual(['0', '3']);
      await service.configure();
    });

    test("uninstall stops it, leaves what is the user's, and says where that is", async () => {
      await machine.mustAsUser('errand', 'service', 'install');
      await machine.must('rm', '-r', `${HOME}/.config/systemd/user/errand.service.d`);
      const said = await machine.mustAsUser('errand', 'service', 'uninstall');
      for (const kept of ['.config/errand/config.yaml', '.local/state/errand', 'errand'])
        expect(said).toContain(`${HOME}/${kept}`);
      expect(said).toContain(`loginctl disable-linger ${USER}`);
      expect((await machine.mustAsUser('find', `${HOME}/.config`, '!', '-type', 'd')).trim()).toBe(
        `${HOME}/.config/errand/config.yaml`,
      );
      expect([await machine.show('LoadState'), await service.processes()]).toEqual(['not-found', []]);
      expect(await status()).toMatchObject({ unit_path: null, enabled: false, active: 'inactive' });
    });

    test("the machine's service: installed by root, the worker has the rights of its user", async () => {
      const installed = await machine.must(ERRAND, 'service', 'install', '--system', '--user', USER);
      expect(installed).toContain('/etc/systemd/system/errand.service');
      const shown = await machine.must('systemctl', 'show', 'errand.service', '--property=ActiveState,UnitFileState,User');
      expect(shown.trim().split('\n').sort()).toEqual(['ActiveState=active', 'UnitFileState=enabled', `User=${USER}`]);
      const answer = await answerOf('id -un; cat /proc/self/cgroup');
      expect(answer).toMatch(new RegExp(`^${USER}\\n`));
      expect(answer).toMatch(/^0::\/system\.slice\/errand\.service\/errand-\w+$/m);
      expect(await status()).toMatchObject({ manager: 'systemd-system', current: true });

      // Said without --system, it is the service that is installed; a second one beside it is refused.
      const asRoot = `sudo ${ERRAND} service`;
      const refused = async (verb: string) => (await machine.runAsUser('errand', 'service', verb)).stderr;
      expect(await refused('restart')).toContain(`${asRoot} restart --system`);
      expect(await refused('install')).toMatch(/second worker[\s\S]*sudo \S+\/scripts\/errand service uninstall --system/);
      const pid = await machine.must('systemctl', 'show', 'errand.service', '--property=MainPID');
      expect(await machine.must(ERRAND, 'service', 'restart')).toContain('The worker runs.');
      expect(await machine.must('systemctl', 'show', 'errand.service', '--property=MainPID')).not.toBe(pid);
      await machine.must(ERRAND, 'service', 'uninstall');
      expect((await machine.run('systemctl', 'cat', 'errand.service')).exitCode).not.toBe(0);
    });
  },
);
