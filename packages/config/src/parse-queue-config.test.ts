import { describe, expect, it } from 'vitest';
import { parseQueueConfig } from './parse-queue-config.ts';
import { emptyQueueConfig } from './resolve-queue.ts';

const PATH = 'config/errand.yaml';

const parse = (text: string) => parseQueueConfig(PATH, text);

function problemsOf(text: string) {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.problems;
}

describe('a valid queue file', () => {
  it('says nothing when it is empty', () => {
    expect(parse('')).toEqual({ ok: true, value: emptyQueueConfig(), warnings: [] });
    expect(emptyQueueConfig()).toEqual({
      machines: {},
      repos: {},
      routing: {},
      tiers: {},
      defaults: { timeoutMs: 1_800_000, retries: 2, model: 'auto', agent: 'auto', priority: 5 },
      tidy: 604_800_000,
      pushes: 'by-host',
    });
  });

  it('is resolved with its defaults filled in', () => {
    const parsed = parse(
      [
        'machines: { pi: { address: pi.example.net, user: me, capabilities: [docker, docker] }, laptop: { worker: false } }',
        'routing: { words: { firmware: 3, policy: -1.5 }, thresholds: { sonnet: 1, opus: 9 } }',
        'tiers: { claude: { haiku: h-1, sonnet: s-1, opus: anthropic/o-1 } }',
        'defaults: { timeout: 1h30m, priority: 0, agent: claude }',
        'tidy: never',
        'pushes: 7.5',
      ].join('\n'),
    );
    expect(parsed).toEqual({
      ok: true,
      warnings: [],
      value: {
        machines: {
          pi: { address: 'pi.example.net', user: 'me', capabilities: ['docker'], worker: true },
          laptop: { capabilities: [], worker: false },
        },
        repos: {},
        routing: { words: { firmware: 3, policy: -1.5 }, thresholds: { sonnet: 1, opus: 9 } },
        tiers: { claude: { haiku: 'h-1', sonnet: 's-1', opus: 'anthropic/o-1' } },
        defaults: { timeoutMs: 5_400_000, retries: 2, model: 'auto', agent: 'claude', priority: 0 },
        tidy: 'never',
        pushes: 7.5,
      },
    });
  });

  it.each(['pi', 'PI.example.net', '100.64.0.7', 'fd7a:115c:a1e0::1', '::1', 'my_alias'])(
    'takes %s for an address',
    (address) => {
      const parsed = parse(`machines: { pi: { address: "${address}", port: 2222 } }`);
      expect(parsed).toMatchObject({ ok: true, value: { machines: { pi: { address, port: 2222 } } } });
    },
  );

  it('names the repositories that tasks work in', () => {
    const parsed = parse('repos: { site: "git@git.example:me/site.git" }');
    expect(parsed).toMatchObject({ ok: true, value: { repos: { site: 'git@git.example:me/site.git' } }, warnings: [] });
  });
});

describe('what a shared file may not decide', () => {
  it.each<[string, number, number]>([
    ['policy: { agents: [command] }', 1, 1],
    ['permissions: bypass', 1, 1],
    ['sandbox: none', 1, 1],
    ['argv: [sh]', 1, 1],
    ['env: { A: b }', 1, 1],
    ['contain: tree', 1, 1],
    ['default_agent: command', 1, 1],
    ['agents: { command: { argv: [sh] } }', 1, 1],
    ['machines:\n  pi: { permissions: bypass }', 2, 9],
    ['machines:\n  pi:\n    env: {}', 3, 5],
    ['defaults: { sandbox: none }', 1, 13],
    ['tiers: { claude: { haiku: a, sonnet: b, opus: c, argv: [x] } }', 1, 50],
  ])('%s is refused with the way to the right file', (text, line, column) => {
    expect(problemsOf(text)).toMatchObject([
      { path: PATH, line, column, code: 'belongs-in-machine-file', hint: expect.stringContaining("machine's own file") },
    ]);
  });

  it('is not confused with a name or a word that happens to be spelled so', () => {
    expect(parse('machines: { policy: {} }\nrouting: { words: { env: 1, sandbox: 2 } }\nrepos: { argv: /srv/argv.git }').ok).toBe(
      true,
    );
  });

  it('is also to make every task a command', () => {
    expect(problemsOf('defaults: { agent: command }')).toMatchObject([{ code: 'command-as-default', line: 1, column: 20 }]);
  });
});

describe('errors of a queue file', () => {
  it.each([
    ['machines: { any: {} }', 'bad-machine-name'],
    ['machines: { Pi: {} }', 'bad-machine-name'],
    ['machines: { pi: { user: "-oProxyCommand=id" } }', 'bad-user'],
    ['machines: { pi: { user: "me;id" } }', 'bad-user'],
    ['machines: { pi: { address: "a b" } }', 'bad-address'],
    ['machines: { pi: { address: -oProxyCommand=id } }', 'bad-address'],
    ['machines: { pi: { address: "me@pi.example.net" } }', 'bad-address'],
    ['machines: { pi: { address: "pi.example.net:22" } }', 'bad-address'],
    ['machines: { pi: { address: "a`id`" } }', 'bad-address'],
    ['machines: { pi: { address: "%h" } }', 'bad-address'],
    ['machines: { pi: { port: 0 } }', 'bad-value'],
    ['machines: { pi: { port: "22" } }', 'bad-type'],
    ['machines: { pi: { worker: yes } }', 'bad-type'],
    ['machines: [pi]', 'bad-type'],
    ['repos: { a: "-x" }', 'option-like-remote'],
    ['repos: { a: "ext::sh" }', 'unsafe-transport'],
    ['repos: { "a b": /x }', 'bad-name'],
    ['routing: { thresholds: { sonnet: 3 } }', 'missing-key'],
    ['routing: { thresholds: { sonnet: 3, opus: 3 } }', 'thresholds-out-of-order'],
    ['routing: { words: { a: lots } }', 'bad-type'],
    ['routing: { words: { a: 101 } }', 'bad-value'],
    ['routing: { words: { " ": 1 } }', 'empty-value'],
    ['tiers: { claude: { haiku: a, sonnet: b } }', 'missing-key'],
    ['tiers: { clade: { haiku: a, sonnet: b, opus: c } }', 'unknown-agent'],
    ['tiers: { claude: { haiku: "-x", sonnet: b, opus: c } }', 'bad-model'],
    ['defaults: { model: "--dangerous" }', 'bad-model'],
    ['defaults: { agent: clade }', 'unknown-agent'],
    ['defaults: { timeout: 2 }', 'bad-duration'],
    ['defaults: { retries: 101 }', 'bad-value'],
    ['defaults: { priority: 10 }', 'bad-value'],
    ['pushes: 0', 'bad-pushes'],
    ['pushes: -6', 'bad-pushes'],
    ['pushes: .inf', 'bad-pushes'],
    ['pushes: some', 'bad-pushes'],
    ['pushes:', 'empty-value'],
    ['tidy: sometimes', 'bad-duration'],
    ['tidy: 0s', 'duration-too-short'],
    ['notify: {}', 'unsupported-key'],
    ['pushez: 3', 'unknown-key'],
  ])('%s is %s', (text, code) => {
    expect(problemsOf(text).map((problem) => problem.code)).toEqual([code]);
  });

  it('say of a push budget what it may be, and where it stands', () => {
    expect(problemsOf('tidy: never\npushes: 6/min\n')).toEqual([
      {
        path: PATH,
        line: 2,
        column: 9,
        code: 'bad-pushes',
        message: '`pushes` must be a number of pushes per minute from 0.1 up, or none, but is "6/min"',
        hint: 'Write 6, as GitHub advises for one repository, or `none` on a server of your own.',
      },
    ]);
  });

  it('are all told at once', () => {
    const text = 'policy: {}\nmachines: { Pi: { adress: x } }\ntiers: { clod: { haiku: 5, sonnet: b, opus: c } }\ntidy: 0s\n';
    expect(problemsOf(text).map(({ line, code }) => `${line} ${code}`)).toEqual([
      '1 belongs-in-machine-file',
      '2 bad-machine-name',
      '2 unknown-key',
      '3 unknown-agent',
      '3 bad-model',
      '4 duration-too-short',
    ]);
  });

  it('warn of a password in a repository without repeating it', () => {
    const { warnings } = parse('repos: { a: "https://me:hunter2@host.example/a.git" }');
    expect(warnings.map(({ code }) => code)).toEqual(['password-in-url']);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });
});
