import { platform } from 'node:os';
import { whyNoSshRemote } from '@errand/testing';
import { expect, test } from 'vitest';
import { seedFrom } from '../rig/dice.ts';
import { playAndKeep } from './keep-evidence.ts';

const missing = platform() === 'linux' ? whyNoSshRemote() : 'it reads /proc, which only Linux has';
const title = 'everything is killed and stopped for 60 s, and 300 tasks are recorded once, with nothing left over';

test.skipIf(missing !== null && process.env.CI !== 'true')(
  missing === null ? title : `${title} (${missing})`,
  { timeout: 30 * 60_000 },
  async () => {
    const { clean, text } = await playAndKeep({ seed: seedFrom(process.env), seconds: 60, tasks: 300 });
    console.info(text);
    expect(clean, text).toBe(true);
  },
);
