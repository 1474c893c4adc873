import { describeUnclosed, splitFrontMatter } from './front-matter.ts';
import { type FrontMatterValues, frontMatterSchema, UNSUPPORTED_TASK_KEYS } from './front-matter-schema.ts';
import { isDeviceName, isTaskId, slugOf } from './ids.ts';
import type { Parsed, Problem } from './problem.ts';
import { findConflict, readText } from './read-text.ts';
import type { Task } from './task.ts';
import { titleOf } from './title.ts';
import { checkYaml, openYaml, readQuickly } from './yaml/yaml-source.ts';

/** What a queue's config may change of a task's defaults. */
export type TaskDefaults = Partial<Pick<Task, 'agent' | 'model' | 'priority' | 'timeoutMs' | 'retries'>>;

const BUILT_IN: Required<TaskDefaults> = { agent: 'auto', model: 'auto', priority: 5, timeoutMs: 30 * 60_000, retries: 2 };

/** Reads a task file; its id is its name. Never throws, whatever the bytes: every problem has a line, a code and a remedy. */
export function parseTask(path: string, content: Uint8Array, defaults: TaskDefaults = {}): Parsed<Task> {
  const id = path.slice(path.lastIndexOf('/') + 1).replace(/\.md$/, '');
  const problems = checkId(path, id);
  const text = readText(path, content);
  if (!text.ok) return { ok: false, problems: [...problems, ...text.problems] };
  const conflict = findConflict(path, text.value);
  if (conflict !== null) return { ok: false, problems: [...problems, conflict] };

  const file = splitFrontMatter(text.value);
  if (file.kind === 'unclosed') return { ok: false, problems: [...problems, describeUnclosed(path)] };
  const values = file.kind === 'closed' ? readValues(path, file.yaml, id) : NO_VALUES;
  if (!values.ok) problems.push(...values.problems);
  // A file from Windows runs like any other: a script with carriage returns would not.
  const prompt = file.body.replace(/\r\n/g, '\n').trimEnd();
  if (prompt === '') problems.push(emptyPrompt(path, file.kind === 'closed' ? file.bodyLine : 1));
  if (!values.ok || problems.length > 0) return { ok: false, problems };
  return { ok: true, value: fillIn(id, prompt, values.value, defaults) };
}

const NO_VALUES: Parsed<FrontMatterValues> = { ok: true, value: {} };

function readValues(path: string, yaml: string, id: string): Parsed<FrontMatterValues> {
  const quick = readQuickly(yaml, frontMatterSchema);
  if (quick !== null && quick.value.depends_on?.includes(id) !== true) return { ok: true, value: quick.value };
  const source = openYaml(path, yaml, { firstLine: 2 });
  const checked = checkYaml(source, frontMatterSchema, { unsupportedKeys: UNSUPPORTED_TASK_KEYS });
  const written = (source.value as { depends_on?: unknown } | null)?.depends_on;
  const at = Array.isArray(written) ? written.indexOf(id) : -1;
  if (at < 0 && written !== id) return checked;
  const problem = source.problem({
    path: at < 0 ? ['depends_on'] : ['depends_on', at],
    at: 'value',
    code: 'depends-on-itself',
    message: 'this task depends on itself',
    hint: `Take \`${id}\` out of \`depends_on\`.`,
  });
  return { ok: false, problems: checked.ok ? [problem] : [...checked.problems, problem] };
}

function fillIn(id: string, prompt: string, values: FrontMatterValues, defaults: TaskDefaults): Task {
  return {
    id,
    title: values.title ?? titleOf(prompt),
    prompt,
    machines: values.machine ?? 'any',
    needs: values.needs ?? [],
    agent: values.agent ?? defaults.agent ?? BUILT_IN.agent,
    model: values.model ?? defaults.model ?? BUILT_IN.model,
    priority: values.priority ?? defaults.priority ?? BUILT_IN.priority,
    dependsOn: values.depends_on ?? [],
    ...(values.key === undefined ? {} : { key: values.key }),
    hold: values.hold ?? false,
    ...(values.repo === undefined ? {} : { repo: values.repo }),
    ...(values.base === undefined ? {} : { base: values.base }),
    ...(values.verify === undefined ? {} : { verify: values.verify }),
    deliver: values.deliver ?? (values.repo === undefined ? 'none' : 'branch'),
    ...(values.not_before === undefined ? {} : { notBefore: values.not_before }),
    timeoutMs: values.timeout ?? defaults.timeoutMs ?? BUILT_IN.timeoutMs,
    retries: values.retries ?? defaults.retries ?? BUILT_IN.retries,
  };
}

function checkId(path: string, id: string): Problem[] {
  if (isTaskId(id)) return [];
  if (isDeviceName(id)) {
    const message = `\`${id}\` is the name of a device on Windows, where this file could not be checked out`;
    return [
      {
        path,
        line: 1,
        column: 1,
        code: 'reserved-name',
        message,
        hint: `Rename it, for example to \`${id.toLowerCase()}-task.md\`.`,
      },
    ];
  }
  const message = `\`${id}\` is not a task id: 1 to 80 of a-z, 0-9 and \`-\`, not starting with \`-\``;
  return [{ path, line: 1, column: 1, code: 'bad-id', message, hint: `Rename the file, for example to \`${slugOf(id)}.md\`.` }];
}

function emptyPrompt(path: string, line: number): Problem {
  const hint = 'Write below the front matter what is to be done.';
  return { path, line, column: 1, code: 'empty-prompt', message: 'this task has no prompt', hint };
}
