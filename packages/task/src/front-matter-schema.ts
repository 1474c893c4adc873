import { z } from 'zod';
import { isTaskId, MACHINE_NAME } from './ids.ts';
import { parseInstant } from './instants.ts';
import { nearestOf } from './nearest.ts';
import { durationSchema } from './schema-pieces.ts';
import { show } from './yaml/explain-issue.ts';
import { type Explanation, explain } from './yaml/schema-shape.ts';

/** Agents that a task may name; `auto` leaves the choice to the worker and never means `command`. */
export const AGENT_NAMES = ['auto', 'claude', 'opencode', 'codex', 'gemini', 'command'] as const;

/** Keys of later versions: refused by name, so that nobody believes they took effect. */
export const UNSUPPORTED_TASK_KEYS: readonly string[] = [
  'group',
  'max_cost',
  'template',
  'attach',
  'each',
  'expect_within',
  'schedule',
  'signature',
  'role',
  'mcp',
];

/** Text of one shape, and the same shape in the JSON Schema. */
function shaped(pattern: RegExp, explanation: Explanation): z.ZodString {
  return explain(z.string().trim().regex(pattern), explanation);
}

/** One item or a list of them, as a list without doubles. */
function oneOrMore<T extends string>(item: z.ZodType<T, string>): z.ZodType<T[], string | string[]> {
  return z.union([item, z.array(item)]).transform((value) => [...new Set(typeof value === 'string' ? [value] : value)]);
}

const title = shaped(/^(?=.*\S)\P{Cc}{1,200}$/u, {
  code: 'bad-title',
  expected: 'one line of text, at most 200 characters',
  hint: 'Put a number or a text with a colon in quotes; leave `title` out to use the first line of the prompt.',
});

const machineName = shaped(MACHINE_NAME, {
  code: 'bad-machine',
  expected: 'a machine name, a list of them, or `any`',
  hint: 'A name has lower-case letters, digits and dashes, as in `machine: pi` or `machine: [pi, laptop]`.',
});

const machines = z
  .union([
    z.literal('any'),
    machineName,
    z
      .array(machineName)
      .meta({ minItems: 1 })
      .check((context) => {
        if (context.value.length > 0) return;
        const params = { code: 'empty-list', hint: 'Name a machine, or write `machine: any`.' };
        context.issues.push({ code: 'custom', message: '`machine` is an empty list', input: context.value, params });
      }),
  ])
  .transform((value): 'any' | string[] => (value === 'any' ? 'any' : [...new Set(typeof value === 'string' ? [value] : value)]));

const capability = shaped(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
  code: 'bad-needs',
  expected: 'a capability or a list of them',
  hint: 'A capability has lower-case letters, digits, dots, dashes and underscores, as in `needs: [docker, arm64]`.',
});

const dependency = explain(
  z
    .string()
    .check((context) => {
      if (isTaskId(context.value)) return;
      const message = `${show(context.value)} is not the id of a task`;
      context.issues.push({ code: 'custom', message, input: context.value });
    })
    .meta({ pattern: '^[a-z0-9][a-z0-9-]{0,79}$' }),
  {
    code: 'bad-dependency',
    expected: 'the id of a task or a list of ids',
    hint: 'An id is the name of the task file without `tasks/` and `.md`, as in `depends_on: [setup-db]`.',
  },
);

const agent = explain(
  z
    .string()
    .check((context) => {
      if ((AGENT_NAMES as readonly string[]).includes(context.value)) return;
      const near = nearestOf(context.value, AGENT_NAMES);
      const hint = near === null ? `Use one of ${AGENT_NAMES.join(', ')}.` : `Did you mean \`${near}\`?`;
      const message = `${show(context.value)} is not an agent`;
      context.issues.push({ code: 'custom', message, input: context.value, params: { hint } });
    })
    .meta({ enum: [...AGENT_NAMES] }),
  { code: 'bad-agent', expected: 'the name of an agent', hint: `Use one of ${AGENT_NAMES.join(', ')}.` },
);

const model = shaped(/^[A-Za-z0-9][\w.:/@[\]-]{0,127}$/, {
  code: 'bad-model',
  expected: 'auto, haiku, sonnet, opus or the exact id of a model',
  hint: 'A model id is one word; put it in quotes if it looks like a number.',
});

const priority = explain(z.int().min(0).max(9), {
  code: 'bad-priority',
  expected: 'a whole number from 0 (first) to 9 (last)',
  hint: '5 is the default.',
});

const retries = explain(z.int().min(0).max(100), {
  code: 'bad-retries',
  expected: 'a whole number from 0 to 100',
  hint: '0 means one attempt and no more.',
});

const key = shaped(/^(?=.*\S)\P{Cc}{1,100}$/u, {
  code: 'bad-key',
  expected: 'one line of text, at most 100 characters',
  hint: 'Tasks with the same key run one at a time, as in `key: deploy`; put a number in quotes.',
});

const hold = explain(z.boolean(), {
  code: 'bad-hold',
  expected: 'true or false',
  hint: 'Write `hold: true`, or delete the line.',
});

const repo = shaped(
  /^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,79}|(?:https?|ssh|git|file):\/\/[^\s\p{Cc}]{1,2000}|(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9_.-]+:(?!:|\/\/)[^\s\p{Cc}-][^\s\p{Cc}]{0,2000}|\/\P{Cc}{1,2000})$/u,
  {
    code: 'bad-repo',
    expected: "a name in the queue's `repos`, a git URL or an absolute path",
    hint: 'As in `repo: website` or `repo: git@github.com:me/website.git`; other transports are not allowed.',
  },
);

const base = shaped(
  /^(?![-/.])(?!@$)(?!.*(?:\.\.|\/\/|@\{|\/\.|\.lock(?:\/|$)))[^\s\p{Cc}~^:?*[\\]{0,199}[^\s\p{Cc}~^:?*[\\/.]$/u,
  {
    code: 'bad-base',
    expected: 'the name of a branch or a tag, or a commit',
    hint: 'As in `base: main`; leave it out for the default branch of the repository.',
  },
);

const verify = shaped(/^(?=.*\S)\P{Cc}{1,1000}$/u, {
  code: 'bad-verify',
  expected: 'one shell line, at most 1,000 characters',
  hint: 'As in `verify: npm test`; put a line with a colon or a # in quotes.',
});

const deliver = explain(z.enum(['none', 'branch']), {
  code: 'bad-deliver',
  expected: 'none or branch',
  hint: '`branch` pushes what was made to a branch of the attempt; pr and merge are not supported by this version.',
});

const notBefore = explain(
  z
    .string()
    .meta({ examples: ['2026-11-21T09:00:00Z', '2026-11-21T10:00+01:00', '2026-11-21'] })
    .transform((text, context): number => {
      const at = parseInstant(text);
      if (at !== null) return at;
      context.issues.push({ code: 'custom', message: `${show(text)} is no date and time that exists`, input: text });
      return z.NEVER;
    }),
  { code: 'bad-date', expected: 'a date and time', hint: 'Write it as 2026-11-21T09:00:00Z; without a zone it is UTC.' },
);

const schemaNumber = explain(
  z
    .int()
    .min(1)
    .check((context) => {
      if (context.value <= 1) return;
      const params = { code: 'newer-schema', hint: 'Update errand on this machine.' };
      const message = `this file is written for schema ${context.value}, and this errand reads schema 1`;
      context.issues.push({ code: 'custom', message, input: context.value, params });
    })
    .meta({ const: 1 }),
  { code: 'bad-schema', expected: 'a whole number', hint: 'Write `schema: 1`, or delete the line.' },
);

/** Keys that say how to work in a repository mean nothing without one. */
function needRepo(
  context: z.core.ParsePayload<{ repo?: string | undefined; base?: string | undefined; deliver?: string | undefined }>,
): void {
  const { repo, base, deliver } = context.value;
  if (repo !== undefined) return;
  for (const key of ['base', 'deliver'] as const) {
    if (key === 'base' ? base === undefined : deliver !== 'branch') continue;
    const params = { code: 'repo-missing', hint: `Add \`repo\`, or delete \`${key}\`.` };
    context.issues.push({
      code: 'custom',
      path: [key],
      message: `\`${key}\` means nothing without \`repo\``,
      input: context.value,
      params,
    });
  }
}

/** The front matter of a task file: every key is optional, defaults are filled in later. */
export const frontMatterSchema = explain(
  z
    .strictObject({
      schema: schemaNumber.optional().describe('The version of the file format: 1.'),
      title: title.optional().describe('What it is called in lists and notifications. Default: the first line of the prompt.'),
      machine: machines.optional().describe('Where it may run: a machine, a list of machines, or any (the default).'),
      needs: oneOrMore(capability).optional().describe('Capabilities that a machine must offer.'),
      agent: agent.optional().describe('Which CLI carries it out. auto (the default) never means command.'),
      model: model.optional().describe('auto (the default), a tier (haiku, sonnet, opus), or the exact id of a model.'),
      priority: priority.optional().describe('0 runs first, 9 last; 5 is the default. Waiting raises it.'),
      depends_on: oneOrMore(dependency).optional().describe('Ids of tasks that must be done first.'),
      repo: repo.optional().describe("A repository to work in: a name in the queue's `repos`, or a git URL."),
      base: base.optional().describe('Where the work starts from; the default branch of `repo` if absent.'),
      verify: verify.optional().describe('A shell line that proves that it worked, such as npm test.'),
      deliver: deliver
        .optional()
        .describe('branch (the default where `repo` is given) pushes what was made; none keeps it there.'),
      key: key.optional().describe('Tasks with the same key run one at a time.'),
      hold: hold.optional().describe('true: a draft, not to be run yet.'),
      not_before: notBefore.optional().describe('The earliest start, ISO 8601; UTC where no zone is given.'),
      timeout: durationSchema.optional().describe('How long one attempt may take, such as 30m (the default).'),
      retries: retries.optional().describe('How many counted attempts may follow the first; 2 by default.'),
    })
    .check(needRepo),
  {
    code: 'front-matter-not-a-map',
    expected: 'a map of keys and values',
    hint: 'Write one `key: value` per line between the two `---` lines, or delete both lines.',
  },
);

export type FrontMatterValues = z.output<typeof frontMatterSchema>;
