import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mustRun, temporaryDirectory } from '@errand/testing';
import { expect, onTestFailed, test } from 'vitest';
import { until } from '../rig/processes.ts';
import { CHECKOUT } from './rig/booted-machine.ts';
import { whyNoSystemd } from './rig/why-no-systemd.ts';

const BOOT = fileURLToPath(new URL('./rig/boot-systemd', import.meta.url));
const missing = whyNoSystemd();

test.skipIf(missing !== null && process.env.CI !== 'true')(
  `a booted machine ends with the group of who booted it, and its control groups too${missing === null ? '' : ` (${missing})`}`,
  async () => {
    await using folder = temporaryDirectory();
    const booting = spawn(BOOT, [folder.path, CHECKOUT], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    const ended = once(booting, 'exit');
    const [line] = (await once(createInterface(booting.stdout), 'line')) as [string];
    const machine = `/proc/${line}`;
    await until(() => readFileSync(`${machine}/task/${line}/children`, 'utf8') !== '');
    onTestFailed(() => {
      if (existsSync(machine)) process.kill(Number(line), 'SIGKILL');
    });
    process.kill(-(booting.pid as number), 'SIGTERM');
    await ended;
    await until(() => !existsSync(machine));
    const env = { PATH: process.env.PATH ?? '' };
    const left = await mustRun('find', ['/sys/fs/cgroup', '-maxdepth', '4', '-name', `errand-boot.${booting.pid}`], { env });
    expect(left).toBe('');
  },
);
