import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERRAND, TwoHosts, whyNoHosts } from './two-hosts.ts';

const missing = whyNoHosts();

describe.skipIf(missing !== null && process.env.CI !== 'true')(
  `two hosts and a cable${missing === null ? '' : `: ${missing}`}`,
  // Sixty processes, one after the other, on a machine that may be busy.
  { timeout: 240_000 },
  () => {
    let hosts: TwoHosts;
    beforeAll(async () => {
      if (missing !== null) throw new Error(missing);
      hosts = await TwoHosts.open();
    });
    afterAll(() => hosts?.[Symbol.asyncDispose]());

    const exec = (...words: string[]) => hosts.errand(hosts.laptop, 'exec', 'pi', '--', ...words);

    test('exec passes every word as it is, and keeps the two streams apart', async () => {
      const words = ['a b', "it's", '"', '$HOME', '`id`', 'back\\slash\\', '', 'two\nlines', '*', '-n', '--', 'ü', '!x', ';'];
      const told = await exec('sh', '-c', 'printf "<%s>" "$@"; pwd >&2', 'sh', ...words);
      expect(told).toEqual({ exitCode: 0, stdout: words.map((word) => `<${word}>`).join(''), stderr: `${hosts.pi.home}\n` });
    });

    test.each([
      ['exit 0', 0],
      ['exit 3', 3],
      // What ssh itself says where it cannot connect.
      ['exit 255', 255],
      ['kill -TERM $$', 143],
      ['kill -KILL $$', 137],
    ])('exec ends as the command ended: %s is %i', async (script, exitCode) => {
      expect(await exec('sh', '-c', `printf end >&2; ${script}`)).toEqual({ exitCode, stdout: '', stderr: 'end' });
    });

    test('exec takes every byte there, and brings every byte back', async () => {
      const bytes = randomBytes(300_000);
      const there = await hosts.laptop.run([process.execPath, ERRAND, 'exec', 'pi', 'sha256sum'], bytes);
      expect(there.stdout).toBe(`${createHash('sha256').update(bytes).digest('hex')}  -\n`);
      const pipe = `${process.execPath} ${ERRAND} exec pi cat | sha256sum`;
      expect((await hosts.laptop.run(['sh', '-c', pipe], bytes)).stdout).toBe(there.stdout);
    });

    // `flock` holds the file for as long as anything lives that it has started.
    test.each([
      ['| head -n 1', 'yes', '| head -n 1', 'y\n'],
      ['| grep -q', 'yes', '| grep -q y', ''],
      ['2>&1 >/dev/null | head -n 1', "sh -c 'yes >&2'", '2>&1 >/dev/null | head -n 1', 'y\n'],
      ['2>&1 | head -n 1', "sh -c 'yes >&2'", '2>&1 | head -n 1', 'y\n'],
    ])('a command whose reader has gone ends as it does here: %s', async (_, command, reader, stdout) => {
      const { laptop, pi } = hosts;
      // Standard input that has ended, and one that stays open: ssh itself ends in two ways.
      for (const input of ['</dev/null', '']) {
        const line = (to: string) => `{ ${to} flock -F held ${command} ${input}; echo $? >status; } ${reader}; cat status`;
        const here = hosts.start(laptop, ['sh', '-c', line('')]);
        expect([await here.ended, here.stdout, here.stderr]).toEqual([0, `${stdout}141\n`, '']);
        const there = hosts.start(laptop, ['sh', '-c', line(`${process.execPath} ${ERRAND} exec pi --`)]);
        expect([await there.ended, there.stdout, there.stderr]).toEqual([0, `${stdout}141\n`, '']);
        await pi.must('flock', 'held', 'true');
      }
    });

    test('output that cannot be written is said by its reason, and not by a connection that broke', async () => {
      const full = await hosts.laptop.run(['sh', '-c', `${process.execPath} ${ERRAND} exec pi yes >/dev/full`]);
      expect(full.stderr).toMatch(/^cat: .*No space left on device\n/);
      expect(full).toMatchObject({ exitCode: 4, stderr: expect.not.stringContaining('broke') });
    });

    test('a command whose output nobody empties can be ended', async () => {
      const { laptop, pi } = hosts;
      await laptop.must('mkfifo', 'reader');
      await using _reader = hosts.start(laptop, ['sh', '-c', 'exec sleep 1000 <reader']);
      const command = `${process.execPath} ${ERRAND} exec pi -- flock -F held sh -c 'echo ready >&2; exec yes'`;
      const stuck = hosts.start(laptop, ['sh', '-c', `exec ${command} >reader`]);
      await stuck.says('stderr', /ready/);
      stuck.signal('SIGTERM');
      // The first one has ended the command there, whose last words wait for a reader here.
      await pi.must('flock', 'held', 'true');
      stuck.signal('SIGTERM');
      expect(await stuck.ended).toBe(143);
    });

    test('a signal goes to the command, which decides what becomes of it', async () => {
      const script = 'trap "echo caught; exit 7" INT; echo ready; sleep 1000 >/dev/null 2>&1 & wait';
      const running = hosts.start(hosts.laptop, [process.execPath, ERRAND, 'exec', 'pi', '--', 'sh', '-c', script]);
      await running.says('stdout', /ready/);
      running.signal('SIGINT');
      expect([await running.ended, running.stdout, running.stderr]).toEqual([7, 'ready\ncaught\n', '']);
    });

    test('on a terminal the command has one too: Ctrl-C reaches it, and a status of 255 stays its own', async () => {
      const script = 'test -t 0 && test -t 1 && test -t 2 && stty size; trap "echo caught; exit 255" INT; echo ready; read line';
      const command = `stty rows 33 cols 77; exec ${process.execPath} ${ERRAND} exec pi sh -c '${script}'`;
      const running = hosts.start(hosts.laptop, ['script', '--quiet', '--return', '--command', command, '/dev/null']);
      await running.says('stdout', /ready/);
      running.type('\u0003');
      expect(await running.ended).toBe(255);
      expect(running.stdout.replace(/\r+\n/g, '\n')).toMatch(/^33 77\nready\n(?:\^C)?caught\n$/);
    });

    test('a task filed on the laptop runs on the Pi, both see it, and the laptop reads along over ssh', async () => {
      const { laptop, pi } = hosts;
      await using worker = await hosts.work();
      await pi.must('mkfifo', 'go');
      const id = (await hosts.must(laptop, 'delegate', 'pi', `echo begun; read word < ${pi.home}/go; echo "told $word"`)).trim();
      await worker.says('stdout', /begun/);
      for (const host of [laptop, pi]) {
        const { machines, tasks } = JSON.parse(await hosts.must(host, 'status', '--json'));
        expect(machines).toMatchObject([{ name: 'pi', online: true, running: [id] }]);
        expect(tasks).toMatchObject([{ id, state: 'running', worker: 'pi' }]);
        const known = JSON.parse(await hosts.must(host, 'machines', '--json'));
        // Also the Pi knows its own worker for its own, and no twin.
        expect(known.remarks).toEqual([]);
        expect(known.machines).toMatchObject([
          { name: 'pi', here: host === pi, presence: 'online', running: [id], address: 'pi.lan' },
        ]);
      }
      const following = hosts.start(laptop, [process.execPath, ERRAND, 'logs', '-f', id]);
      await following.says('stdout', /begun/);
      await pi.must('sh', '-c', 'echo now > go');
      expect(await following.ended).toBe(0);
      expect(following.stdout).toMatch(/^started .*\nbegun\ntold now\nexited with status 0\n$/);
      expect(await hosts.must(laptop, 'logs', id)).toBe(following.stdout);
      const here = await hosts.errand(laptop, 'logs', '--here', id);
      expect(here).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('It ran on pi') });
      expect(await hosts.must(pi, 'show', id)).toContain('told now');
      await worker.stop();
    });

    test('a follower who came before the task had begun is taken to the machine that runs it', async () => {
      const { laptop } = hosts;
      const id = (await hosts.must(laptop, 'delegate', 'pi', 'echo begun')).trim();
      const following = hosts.start(laptop, [process.execPath, ERRAND, 'logs', '-f', id]);
      await following.says('stderr', /waiting|queued/);
      await using worker = await hosts.work();
      expect(await following.ended).toBe(0);
      expect(following.stdout).toContain('begun\n');
      await worker.stop();
    });

    test('a cable that is cut ends what went over it with the reason, and once it is healed all is as before', async () => {
      const { laptop } = hosts;
      laptop.env.ERRAND_SSH = 'ssh -o ServerAliveInterval=1 -o ServerAliveCountMax=5';
      const running = hosts.start(laptop, [process.execPath, ERRAND, 'exec', 'pi', '--', 'sh', '-c', 'echo begun; sleep 1000']);
      await running.says('stdout', /begun/);
      await using worker = await hosts.work();
      const id = (await hosts.must(laptop, 'delegate', 'pi', 'echo begun; sleep 1000')).trim();
      await worker.says('stdout', /begun/);
      const following = hosts.start(laptop, [process.execPath, ERRAND, 'logs', '-f', id]);
      await following.says('stdout', /begun/);
      await hosts.cut();
      expect([await running.ended, await following.ended]).toEqual([4, 4]);
      expect(following.stderr).toMatch(/the connection to pi \(root@pi\.lan\) broke while the log was shown\n.*errand logs/);
      expect(running.stderr).toMatch(
        /the connection to pi \(root@pi\.lan\) broke while the command ran.*\n {2}It may still be running/,
      );
      laptop.env.ERRAND_SSH = 'ssh -o ControlPath=none -o ConnectTimeout=1';
      const away = await exec('true');
      expect(away.exitCode).toBe(4);
      expect(away.stderr).toMatch(
        /^errand: .* asking the queue .*\nerrand: pi \(root@pi\.lan\) does not answer; ssh says: .*\n {2}Is it switched on/,
      );
      expect(away.stderr).toMatch(/is as last seen \d+ s ago: the queue does not answer\.\n$/);
      await hosts.heal();
      laptop.env.ERRAND_SSH = 'ssh -o ControlPath=none';
      expect(await exec('echo', 'back')).toEqual({ exitCode: 0, stdout: 'back\n', stderr: '' });
    });

    test('a host key that is not the known one is refused by name, and so is an unknown one', async () => {
      const { laptop } = hosts;
      const known = `${laptop.home}/.ssh/known_hosts`;
      laptop.env.ERRAND_SSH = 'ssh -o ControlPath=none';
      await laptop.must('mv', known, `${known}.good`);
      const unknown = await exec('true');
      expect(unknown).toMatchObject({ exitCode: 4, stdout: '' });
      expect(unknown.stderr).toMatch(/is not known to ssh yet.*\n {2}Connect once by hand.*ssh root@pi\.lan/);
      await laptop.must('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${laptop.home}/other`);
      await laptop.must('sh', '-c', `{ printf 'pi.lan '; cut -d' ' -f1,2 other.pub; } > ${known}`);
      expect((await exec('true')).stderr).toMatch(/has another host key than the one that this machine knows/);
      await laptop.must('mv', `${known}.good`, known);
      expect((await exec('true')).exitCode).toBe(0);
    });
  },
);
