import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Io } from './command.ts';
import { type Failure, fail } from './failure.ts';

/** What came out of the editor. The file stays until it is discarded, so that nobody loses what they wrote. */
export interface EditedText {
  text: string;
  path: string;
  discard(): Promise<void>;
}

/** Lets a person change the text of a task in their own editor. What they did not change is not kept. */
export async function editInEditor(
  io: Io,
  id: string,
  text: string,
): Promise<({ ok: true } & EditedText) | { ok: false; failure: Failure }> {
  const editor = io.env.VISUAL || io.env.EDITOR;
  if (!editor) {
    const hint = 'Say what to change, as in --priority 1, or set EDITOR.';
    return fail('usage', 'no-editor', 'nothing to change was given, and there is no editor', hint);
  }
  const path = join(await mkdtemp(join(tmpdir(), 'errand-edit-')), `${id}.md`);
  await writeFile(path, text, { mode: 0o600 });
  // As git does it: the value is a command line, and may have arguments.
  const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit', env: io.env, cwd: io.cwd });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  // Whoever removes the file has changed nothing.
  const edited = await readFile(path, 'utf8').catch(() => text);
  const discard = (): Promise<void> => rm(dirname(path), { recursive: true, force: true });
  if (edited === text) await discard();
  if (code === 0) return { ok: true, text: edited, path, discard };
  const hint =
    edited === text
      ? 'Nothing was changed. Set EDITOR to an editor that is here, or say what to change, as in --priority 1.'
      : `Your text is kept. To go on with it: ${wayOn(id, path)}`;
  return fail('environment', 'editor-failed', `the editor (${editor}) ended with status ${code}`, hint);
}

/** What to type to send a text that was kept. */
export function wayOn(id: string, path: string): string {
  return `errand edit ${id} -f ${path}`;
}
