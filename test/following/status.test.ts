import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { Scene, script } from '../rig/scene.ts';
import { CliProcess } from './cli-process.ts';
import { TerminalProcess } from './terminal-process.ts';

test('status --watch tells what changes as it changes, for people and for programs, until Ctrl-C', async () => {
  await using scene = await Scene.open();
  await using gates = new Gates(join(scene.folder, 'gates'));
  const ada = await scene.person();
  await ada.writeTask('first', script(await gates.build('first')));
  await ada.commit('add: first');
  await ada.push();
  const worker = await scene.worker('pi');
  await worker.waitFor((event) => event.type === 'spawned', 'the attempt');
  await using people = new CliProcess(scene, 'pi', 'status', '--watch');
  await using programs = new CliProcess(scene, 'pi', 'status', '--watch', '--json');
  await people.says('stdout', / {2}running {2}first /);
  await programs.says('stdout', /"id":"first"[^\n]*"state":"running"[^\n]*\n/);
  await ada.writeTask('second', script('echo two', 'hold: true'));
  await ada.commit('add: second');
  await ada.push();
  await people.says('stdout', / {2}waiting {2}second {2}on hold/);
  await programs.says('stdout', /"id":"second"[^\n]*\n/);
  await gates.open('first');
  await people.says('stdout', /Recent\n {2}done {2}first /);
  await programs.says('stdout', /"recent":\[\{"id":"first"[^\n]*\n/);
  people.signal('SIGINT');
  programs.signal('SIGINT');
  expect(await people.ended).toBe(0);
  expect(await programs.ended).toBe(0);
  expect(people.stdout).not.toContain('\u001b');
  for (const line of programs.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ schema: 1 });
});

const ESC = '\u001b';
const FRAME = `${ESC}[?2026h${ESC}[H`;
const isMissing = process.platform !== 'linux';

/** The whole frames of an output, as lines. */
function framesOf(output: string): string[][] {
  const frames = output.split(FRAME).slice(1);
  const whole = frames.filter((frame) => frame.includes(`${ESC}[?2026l`));
  return whole.map((frame) => stripVTControlCharacters(frame.slice(0, frame.indexOf(`${ESC}[?2026l`))).split(/\r+\n/));
}

test.skipIf(isMissing)(
  'on a terminal status --watch is drawn in place, follows its size and the time, and gives it back as it was',
  async () => {
    await using scene = await Scene.open();
    await using gates = new Gates(join(scene.folder, 'gates'));
    const ada = await scene.person();
    await ada.writeTask('first', script(await gates.build('first')));
    for (let i = 0; i < 20; i++) await ada.writeTask(`held-${i}`, script('echo', 'hold: true'));
    await ada.commit('add tasks');
    await ada.push();
    const worker = await scene.worker('pi');
    await worker.waitFor((event) => event.type === 'spawned', 'the attempt');

    await using byKey = new TerminalProcess(scene, 'pi', { rows: 12, columns: 40 }, 'status', '--watch');
    await using bySignal = new TerminalProcess(scene, 'pi', { rows: 30, columns: 80 }, 'status', '--watch');
    const first = await byKey.shows(/(\d+)s of 30m on pi/);
    // It is another second by now, and nothing else has happened.
    await byKey.shows(new RegExp(`(?!${first[1]}s)\\b\\d+s of 30m on pi`), first.index + 1);
    await byKey.resize({ rows: 8, columns: 30 });
    await byKey.shows(/… \d+ more lines: errand \w*…/);
    byKey.type('q');
    expect(await byKey.ended()).toEqual({ status: 0, isRestored: true });
    await bySignal.shows(/first {2}/);
    await bySignal.signal('SIGTERM');
    expect(await bySignal.ended()).toEqual({ status: 0, isRestored: true });

    const frames = framesOf(byKey.output);
    expect(frames.at(0)).toHaveLength(12);
    for (const line of frames.at(0) ?? []) expect(line.length).toBeLessThan(40);
    expect(frames.at(-1)).toHaveLength(8);
    for (const line of frames.at(-1) ?? []) expect(line.length).toBeLessThan(30);
    for (const { output } of [byKey, bySignal]) {
      expect(output.split(`${ESC}[2J`).length - 1, 'the screen is cleared once').toBe(1);
      expect(output.indexOf(`${ESC}[2J`)).toBeLessThan(output.indexOf(FRAME));
      const end = output.slice(output.lastIndexOf(`${ESC}[?2026l`));
      for (const given of ['[?25h', '[?7h', '[?1049l']) expect(end).toContain(`${ESC}${given}`);
      expect(output).toContain(`${ESC}[?25l`);
    }
    await gates.open('first');
  },
);
