import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readyScene } from '../rig/cli-scene.ts';
import { Terminal } from '../rig/terminal.ts';

const ERRAND = fileURLToPath(new URL('../../dist/errand.js', import.meta.url));
const WATCH = `'${process.execPath}' '${ERRAND}' status --watch`;
const CTRL_Z = '\u001a';
const SHOWN = '\u001b[?1049h';
const HIDDEN = '\u001b[?1049l';
const isMissing = process.platform !== 'linux';

test.skipIf(isMissing)(
  'at Ctrl-Z status --watch gives the terminal back to the shell and stops, and fg shows it again',
  async () => {
    await using scene = await readyScene();
    const env = { ...scene.env, TERM: 'xterm', PS1: 'ready> ' };
    await using terminal = new Terminal('bash --norc --noprofile -i', { cwd: scene.dir, env });
    await terminal.until('ready> ');
    terminal.type(`${WATCH}\n`);
    await terminal.until(SHOWN);
    await terminal.until('nothing to do');
    terminal.type(CTRL_Z);
    await terminal.until(HIDDEN);
    await terminal.until('Stopped');
    terminal.type('fg\n');
    await terminal.until(SHOWN);
    await terminal.until('nothing to do');
    terminal.type('q');
    await terminal.until(HIDDEN);
    terminal.type('echo "left with $?"\n');
    await terminal.until('left with 0');
  },
);

test.skipIf(isMissing)('where there is no shell that could let it go on, as over ssh, it goes on by itself', async () => {
  await using scene = await readyScene();
  const env = { ...scene.env, TERM: 'xterm' };
  await using terminal = new Terminal(`exec ${WATCH}`, { cwd: scene.dir, env });
  await terminal.until('nothing to do');
  for (let i = 0; i < 2; i++) {
    terminal.type(CTRL_Z);
    expect(await terminal.until(SHOWN)).toContain(HIDDEN);
    await terminal.until('nothing to do');
  }
  terminal.type('q');
  await terminal.until(HIDDEN);
});
