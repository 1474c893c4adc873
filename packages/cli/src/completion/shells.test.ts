import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliScene, readyScene } from '../rig/cli-scene.ts';
import { Terminal } from '../rig/terminal.ts';

const ERRAND = fileURLToPath(new URL('../../dist/errand.js', import.meta.url));
const CLEAR_LINE = '\x15';

/** How each shell is started, with files of its own alone. At the Tab zsh itself runs what stands in the word under the cursor. */
const SHELLS = {
  bash: {
    start: 'bash --rcfile rc.bash -i',
    planted: '$(touch pwned)\t',
    files: { 'rc.bash': `eval "$(errand completion bash)"\nPS1='ready> '\n` },
  },
  zsh: {
    start: 'zsh -i',
    planted: '$(touch pwned) \t',
    files: { 'home/.zshrc': `autoload -Uz compinit && compinit -u -D\neval "$(errand completion zsh)"\nPS1='ready> '\n` },
  },
  fish: {
    start: 'fish -i',
    planted: '$(touch pwned)\t',
    files: { 'home/.config/fish/config.fish': `errand completion fish | source\nfunction fish_prompt; printf 'ready> '; end\n` },
  },
};

let scene: CliScene;

beforeAll(async () => {
  scene = await readyScene();
  // At the Tab the real command answers; what is then run is only told.
  const recorder = [
    '#!/bin/sh',
    `case $1 in complete|completion) exec '${process.execPath}' '${ERRAND}' "$@" ;; esac`,
    "printf 'ran:'; printf ' <%s>' \"$@\"; echo ' end'",
  ];
  await scene.write('bin/errand', `${recorder.join('\n')}\n`);
  await chmod(join(scene.dir, 'bin/errand'), 0o755);
  await scene.write('a-file.md', 'hello');
  await mkdir(join(scene.dir, 'a-folder'));
  const person = await scene.person();
  await person.writeTask('fix-login', '---\ntitle: $(touch pwned) `touch pwned` ; touch pwned\n---\nhello');
  await person.write('tasks/$(touch pwned).md', 'hello');
  await person.commit('tasks');
  await person.push();
  await scene.must('list');
});
afterAll(() => scene[Symbol.asyncDispose]());

describe.each(Object.entries(SHELLS))('%s', (name, { start, files, planted }) => {
  const isMissing = spawnSync(name, ['--version']).error !== undefined;

  test.skipIf(isMissing && process.env.CI !== 'true')(
    'completes commands, tasks, values and files at the Tab key, and runs nothing of what is typed or filed',
    async () => {
      for (const [path, text] of Object.entries(files)) await scene.write(path, text);
      const env = { ...scene.env, PATH: `${join(scene.dir, 'bin')}:${scene.env.PATH}`, TERM: 'xterm' };
      await using terminal = new Terminal(start, { cwd: scene.dir, env });
      const lines = [
        ['errand canc\tfi\t', 'ran: <cancel> <fix-login> end'],
        ['errand list --state=don\t', 'ran: <list> <--state=done> end'],
        ['errand lint a-fi\t', 'ran: <lint> <a-file.md> end'],
        ['errand --queue git@pi:queue.git canc\t', 'ran: <--queue> <git@pi:queue.git> <cancel> end'],
        [
          `errand cancel ${planted}${CLEAR_LINE}errand cancel \`touch pwned\` \t${CLEAR_LINE}errand show \t`,
          'ran: <show> <fix-login> end',
        ],
      ] as const;
      for (const [keys, effect] of lines) {
        await terminal.until('ready> ');
        terminal.type(`${keys}\n`);
        await terminal.until(effect);
      }
      expect(await readdir(scene.dir)).not.toContain('pwned');
    },
  );
});
