import type { Problem } from '@errand/task';
import { describe, expect, it } from 'vitest';
import type { Host } from './host.ts';
import { parseMachineConfig } from './parse-machine-config.ts';

const HOST: Host = { home: '/home/me', cwd: '/somewhere', uid: 1000, hostname: 'Pi.local' };
const PATH = '/home/me/.config/errand/config.yaml';

const parse = (text: string, host: Partial<Host> = {}) => parseMachineConfig(PATH, text, { ...HOST, ...host });

function problemsOf(text: string): Problem[] {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.problems;
}

function resolve(text: string) {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const codesOf = (problems: readonly Problem[]): string[] => problems.map(({ code }) => code);
const warningsOf = (text: string, host: Partial<Host> = {}): string[] => codesOf(parse(text, host).warnings);

const WITH_COMMAND = 'policy: { agents: [command] }\nagents: { command: { argv: [sh, -s] } }\n';

describe('a valid file', () => {
  it('says nothing when it is empty, and every default is filled in', () => {
    for (const text of ['', '\n', '# nothing yet\n', '{}']) {
      expect(parse(text)).toEqual({
        ok: true,
        warnings: [],
        value: {
          path: PATH,
          queue: null,
          branch: 'main',
          machine: 'pi',
          slots: 1,
          capabilities: [],
          policy: { agents: [], permissions: 'plan', sandbox: 'auto', contain: 'auto', repos: 'any', verify: [] },
          agents: {},
          defaultAgent: null,
          directory: null,
          ntfy: null,
          poll: { intervalMs: 30_000 },
          lease: { heartbeatMs: 60_000, ttlMs: 180_000 },
          grace_ms: { shutdownMs: 30_000, killMs: 10_000 },
          idleTimeoutMs: 600_000,
          outputCapBytes: 1_048_576,
          keep: {
            workspacesMs: 604_800_000,
            logsMs: 2_592_000_000,
            reposMs: 2_592_000_000,
            resultsMs: 15_552_000_000,
            sizeBytes: 5_368_709_120,
          },
        },
      });
    }
  });

  it('may be JSON', () => {
    expect(resolve('{"slots": 3, "poll": {"interval": "5s"}}')).toMatchObject({ slots: 3, poll: { intervalMs: 5000 } });
  });

  it('resolves paths against its own folder and the home', () => {
    const value = resolve(
      [
        'queue: ../queues/mine.git',
        'directory: ~/work',
        'agents:',
        '  claude: { bin: ./bin/claude, env: { TEXT: ~/kept, FILE: { file: token } } }',
        '  codex: { bin: codex }',
        'ntfy: { server: "https://ntfy.example", topic: errand, token: { file: ~/t } }',
      ].join('\n'),
    );
    expect(value).toMatchObject({
      queue: '/home/me/.config/queues/mine.git',
      directory: '/home/me/work',
      agents: {
        claude: {
          bin: '/home/me/.config/errand/bin/claude',
          env: { TEXT: '~/kept', FILE: { file: '/home/me/.config/errand/token' } },
        },
        codex: { bin: 'codex' },
      },
      ntfy: { token: { file: '/home/me/t' } },
    });
  });

  it.each(['git@host.example:me/queue.git', 'https://host.example/q.git', 'file:///srv/q.git', 'pi:queue.git', '/srv/q.git'])(
    'leaves the queue %s as it is',
    (queue) => {
      expect(resolve(`queue: ${queue}`).queue).toBe(queue);
    },
  );

  it('makes the lease three heartbeats long unless it says otherwise', () => {
    expect(resolve('lease: { heartbeat: 2m }').lease).toEqual({ heartbeatMs: 120_000, ttlMs: 360_000 });
    expect(resolve('lease: { heartbeat: 2s, ttl: 4s }').lease).toEqual({ heartbeatMs: 2000, ttlMs: 4000 });
  });

  it.each([
    ['output_cap: 4096', 4096],
    ['output_cap: 512KiB', 524_288],
    ['output_cap: 2MiB', 2_097_152],
  ])('reads %s', (text, bytes) => {
    expect(resolve(text).outputCapBytes).toBe(bytes);
  });

  it('knows which repositories tasks may work in', () => {
    expect(resolve('policy: { repos: any }').policy.repos).toBe('any');
    expect(resolve('policy: { repos: ["git@git.example:me/"] }').policy.repos).toEqual(['git@git.example:me/']);
    expect(problemsOf('policy: { repos: some }')).not.toEqual([]);
  });

  it('knows which lines may verify a task, and how many turns an attempt may take', () => {
    const value = resolve('policy: { verify: [npm test, "make check", npm test] }\nagents: { claude: { max_turns: 80 } }');
    expect(value.policy.verify).toEqual(['npm test', 'make check']);
    expect(value.agents.claude).toEqual({ env: {}, maxTurns: 80 });
  });

  it('sends notifications with the urgency that it gives, and else the usual one', () => {
    const ntfy = 'ntfy: { server: "https://ntfy.example", topic: errand, wake: errand-wake';
    const usual = {
      done: 'default',
      failed: 'high',
      cancelled: 'low',
      queued: 'low',
      'dead-worker': 'urgent',
      attention: 'high',
    };
    expect(resolve(`${ntfy} }`).ntfy).toEqual({
      server: 'https://ntfy.example',
      topic: 'errand',
      wake: 'errand-wake',
      priorities: usual,
    });
    const own = resolve(`${ntfy}, click: "https://git.example/{path}", priorities: { queued: off, dead-worker: high } }`).ntfy;
    expect(own).toMatchObject({
      click: 'https://git.example/{path}',
      priorities: { ...usual, queued: 'off', 'dead-worker': 'high' },
    });
  });

  it('leaves keys that start with x- to their owner', () => {
    expect(parse('x-notes: { any: thing }')).toMatchObject({ ok: true, warnings: [] });
  });
});

describe('errors', () => {
  it.each<[string, string, number, number]>([
    ['slotz: 2', 'unknown-key', 1, 1],
    ['slots: 0', 'bad-value', 1, 8],
    ['slots: 257', 'bad-value', 1, 8],
    ['slots: two', 'bad-type', 1, 8],
    ['slots: 1.5', 'bad-type', 1, 8],
    ['slots:', 'empty-value', 1, 1],
    ['machine: Pi', 'bad-machine-name', 1, 10],
    ['machine: -pi', 'bad-machine-name', 1, 10],
    ['machine: any', 'bad-machine-name', 1, 10],
    [`machine: ${'a'.repeat(64)}`, 'bad-machine-name', 1, 10],
    ['branch: -x', 'bad-branch', 1, 9],
    ['branch: a..b', 'bad-branch', 1, 9],
    ['branch: refs/heads/main', 'bad-branch', 1, 9],
    ['branch: main.lock', 'bad-branch', 1, 9],
    ['branch: "main/"', 'bad-branch', 1, 9],
    ['capabilities: [Docker]', 'bad-capability', 1, 16],
    ['capabilities: docker', 'bad-type', 1, 15],
    ['queue: "--upload-pack=id"', 'option-like-remote', 1, 8],
    ['queue: "ext::sh -c id"', 'unsafe-transport', 1, 8],
    ['queue: ""', 'empty-value', 1, 8],
    ['queue: "a\\nb"', 'empty-value', 1, 8],
    ['poll: { interval: 90 }', 'bad-duration', 1, 19],
    ['poll: { interval: soon }', 'bad-duration', 1, 19],
    ['poll: { interval: 500ms }', 'duration-too-short', 1, 19],
    ['poll: { interval: 0s }', 'duration-too-short', 1, 19],
    ['poll: { interval: 30d }', 'duration-too-long', 1, 19],
    ['lease: { heartbeat: 60s, ttl: 119s }', 'lease-too-short', 1, 31],
    ['lease:\n  ttl: 90s', 'lease-too-short', 2, 8],
    ['output_cap: 1GB', 'bad-size', 1, 13],
    ['output_cap: 10', 'bad-size', 1, 13],
    ['keep: { size: 5GB }', 'bad-size', 1, 15],
    ['keep: { size: 500KiB }', 'bad-size', 1, 15],
    ['keep: { logs: forever }', 'bad-duration', 1, 15],
    ['keep: { work: 1d }', 'unknown-key', 1, 9],
    ['policy: { permissions: yolo }', 'bad-type', 1, 24],
    ['policy: { contain: jail }', 'bad-type', 1, 20],
    ['policy: { agents: [clyde] }', 'unknown-agent', 1, 20],
    ['policy: { verify: npm test }', 'bad-type', 1, 19],
    ['policy: { verify: [npm test, ""] }', 'empty-value', 1, 30],
    ['policy: { verify: ["npm ci\\nnpm test"] }', 'empty-value', 1, 20],
    ['policy: { agents: [command] }', 'command-without-argv', 1, 20],
    ['agents: { command: {} }', 'command-without-argv', 1, 11],
    ['agents: { command: { argv: [] } }', 'command-without-argv', 1, 28],
    ['agents: { command: { argv: [""] } }', 'command-without-argv', 1, 28],
    ['agents: { command: { argv: [sh, 5] } }', 'bad-text', 1, 33],
    ['agents: { command: { argv: sh } }', 'bad-type', 1, 28],
    ['agents: { command: { argv: [sh], bin: sh } }', 'key-without-effect', 1, 34],
    ['agents: { claude: { argv: [sh] } }', 'key-without-effect', 1, 21],
    ['agents: { codex: { max_turns: 5 } }', 'key-without-effect', 1, 20],
    ['agents: { command: { argv: [sh], max_turns: 5 } }', 'key-without-effect', 1, 34],
    ['agents: { claude: { max_turns: 0 } }', 'bad-value', 1, 32],
    ['agents: { claude: { max_turns: 10001 } }', 'bad-value', 1, 32],
    ['agents: { claude: { max_turns: many } }', 'bad-type', 1, 32],
    ['agents: { clade: {} }', 'unknown-agent', 1, 11],
    ['agents: { claude: { env: { A-B: x } } }', 'bad-variable-name', 1, 28],
    ['agents: { claude: { env: { PORT: 80 } } }', 'bad-text', 1, 34],
    ['agents: { claude: { env: { A: { fil: x, file: y } } } }', 'unknown-key', 1, 33],
    ['default_agent: command', 'default-agent-not-allowed', 1, 16],
    ['ntfy: { server: "https://ntfy.example" }', 'missing-key', 1, 1],
    ['ntfy: { server: "https://me:pass@ntfy.example", topic: t }', 'bad-url', 1, 17],
    ['ntfy: { server: "https://ntfy.example", topic: "a b" }', 'bad-topic', 1, 48],
    ['ntfy:\n  server: https://n.example\n  topic: t\n  click: example/{path}', 'bad-click', 4, 10],
    ['ntfy:\n  server: https://n.example\n  topic: t\n  click: "https://me:pass@git.example/"', 'bad-click', 4, 10],
    ['ntfy:\n  server: https://n.example\n  topic: t\n  priorities: { done: loud }', 'bad-ntfy-priority', 4, 23],
    ['ntfy:\n  server: https://n.example\n  topic: t\n  priorities: { queued: false }', 'bad-ntfy-priority', 4, 25],
    ['ntfy:\n  server: https://n.example\n  topic: t\n  priorities: { deadworker: high }', 'unknown-key', 4, 17],
    ['repos: {}', 'belongs-in-queue-file', 1, 1],
    ['schema: 2', 'newer-schema', 1, 9],
    ['schema: one', 'bad-schema', 1, 9],
    ['agents: { claude: { tiers: { haiku: "-x" } } }', 'bad-model', 1, 37],
    ['[]', 'bad-type', 1, 1],
    ['queue: *x', 'yaml-alias', 1, 8],
  ])('%s is %s at %i:%i', (text, code, line, column) => {
    const found = problemsOf(text);
    expect(found).toContainEqual(expect.objectContaining({ path: PATH, code, line, column }));
  });

  it('name the nearest key and the nearest agent', () => {
    expect(problemsOf('slotz: 2')).toMatchObject([{ hint: 'Did you mean `slots`?' }]);
    expect(problemsOf('policy: { permisions: plan }')).toMatchObject([{ hint: 'Did you mean `permissions`?' }]);
    expect(problemsOf('agents: { clade: {} }')).toMatchObject([{ hint: 'Did you mean `claude`?' }]);
    expect(problemsOf('policy: { agents: [comand] }')).toMatchObject([{ hint: 'Did you mean `command`?' }]);
  });

  it('are all told at once, in the order of the file, those of the schema and those of the rules', () => {
    const text = [
      'queue: "ext::id"',
      'slots: 999',
      'slotz: 1',
      'policy: { agents: [codex, command], permissions: yolo, sandbox: none }',
      'agents:',
      '  clade: {}',
      '  claude: { argv: [x], env: { 1A: x, B: 5 } }',
      '  command: { argv: [] }',
      'lease: { heartbeat: 60s, ttl: 61s }',
      'grace: { kill: never }',
      'default_agent: gemini',
    ].join('\n');
    expect(problemsOf(text).map(({ line, code }) => `${line} ${code}`)).toEqual([
      '1 unsafe-transport',
      '2 bad-value',
      '3 unknown-key',
      '4 bad-type',
      '6 unknown-agent',
      '7 key-without-effect',
      '7 bad-variable-name',
      '7 bad-text',
      '8 command-without-argv',
      '9 lease-too-short',
      '10 bad-duration',
      '11 default-agent-not-allowed',
    ]);
  });

  it('do not blame the rest for a key that is itself wrong', () => {
    expect(codesOf(problemsOf('policy: { agents: [command] }\nagents: { command: { argv: [1] } }'))).toEqual(['bad-text']);
    expect(
      codesOf(problemsOf('policy: { agents: [command, clyde] }\nagents: { command: { argv: [sh] } }\ndefault_agent: command')),
    ).toEqual(['unknown-agent']);
    expect(codesOf(problemsOf('lease: { heartbeat: 1h, ttl: soon }'))).toEqual(['bad-duration']);
    expect(codesOf(problemsOf('lease: { heartbeat: soon, ttl: 90s }'))).toEqual(['bad-duration']);
  });

  it('never repeat a password from the URL of the queue', () => {
    const parsed = parse('queue: "-https://me:hunter2@host.example/q.git"');
    expect(parsed.ok).toBe(false);
    expect(JSON.stringify([parsed, parse('queue: "ext::hunter2"')])).not.toContain('hunter2');
  });
});

describe('warnings', () => {
  it('leave the file usable', () => {
    const text = [
      'queue: https://me:hunter2@host.example/q.git',
      'policy: { agents: [claude, command, codex], permissions: bypass, sandbox: podman }',
      'agents: { command: { argv: [sh, -s] } }',
    ].join('\n');
    const parsed = parse(text, { uid: 0 });
    expect(parsed.ok).toBe(true);
    expect(parsed.warnings.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      '1:8 password-in-url',
      '2:37 agent-not-supported-yet',
      '2:58 bypass-as-root',
      '2:75 sandbox-not-supported-yet',
    ]);
    expect(JSON.stringify(parsed.warnings)).not.toContain('hunter2');
  });

  it('are none for what this version does', () => {
    expect(warningsOf(`${WITH_COMMAND}default_agent: command`)).toEqual([]);
    expect(warningsOf('policy: { agents: [claude] }\ndefault_agent: claude')).toEqual([]);
    expect(warningsOf('ntfy: { server: "https://ntfy.example", topic: errand }')).toEqual([]);
    expect(warningsOf('policy: { sandbox: none }')).toEqual([]);
    expect(warningsOf('policy: { sandbox: auto }')).toEqual([]);
  });

  it('speak of bypass only to root', () => {
    const text = 'policy: { permissions: bypass }';
    expect(warningsOf(text, { uid: 0 })).toEqual(['bypass-as-root']);
    expect(warningsOf(text, { uid: 1000 })).toEqual([]);
    expect(warningsOf(text, { uid: null })).toEqual([]);
    expect(warningsOf('policy: { permissions: edits }', { uid: 0 })).toEqual([]);
  });

  it('are there beside errors too', () => {
    const parsed = parse('slotz: 1\npolicy: { sandbox: podman }');
    expect(parsed.ok).toBe(false);
    expect(codesOf(parsed.warnings)).toEqual(['sandbox-not-supported-yet']);
  });

  it('know a token in the place of the user', () => {
    expect(warningsOf('queue: https://ghp_abcdef@github.com/me/q.git')).toEqual(['password-in-url']);
    expect(warningsOf('queue: https://me@github.com/me/q.git')).toEqual([]);
    expect(warningsOf('queue: ssh://git@github.com:22/me/q.git')).toEqual([]);
  });
});
