import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMachineConfig } from './parse-machine-config.ts';
import { renderMachineConfig } from './render-machine-config.ts';

const HOST = { home: '/home/me', cwd: '/', uid: 1, hostname: 'other' };

const parse = (text: string) => parseMachineConfig('/c/config.yaml', text, HOST);

describe('renderMachineConfig', () => {
  it('writes a file that reads back as what it was given', () => {
    const rendered = renderMachineConfig({
      queue: 'git@host.example:me/q.git',
      branch: 'errand',
      machine: 'pi',
      slots: 3,
      capabilities: ['docker'],
      policy: { agents: ['command'], permissions: 'bypass', sandbox: 'none', contain: 'tree' },
      commandArgv: ['sh', '-s'],
      defaultAgent: 'command',
    });
    expect(parse(rendered)).toMatchObject({
      ok: true,
      warnings: [],
      value: {
        queue: 'git@host.example:me/q.git',
        branch: 'errand',
        machine: 'pi',
        slots: 3,
        capabilities: ['docker'],
        policy: { agents: ['command'], permissions: 'bypass', sandbox: 'none', contain: 'tree' },
        agents: { command: { argv: ['sh', '-s'] } },
        defaultAgent: 'command',
      },
    });
  });

  it('is valid with the least it can be given, and explains itself', () => {
    const rendered = renderMachineConfig({ queue: '/q.git', machine: 'pi', policy: { agents: [] } });
    expect(parse(rendered)).toMatchObject({ ok: true, warnings: [], value: { defaultAgent: null, agents: {} } });
    expect(rendered).toContain('# default_agent: command');
  });

  it('quotes whatever a command line holds', () => {
    const argument = fc.oneof(
      fc.string(),
      fc.constantFrom('a, b', 'x # y', ': ', '- ', "it's", '"', 'line\nline', 'null', '5', '\\', '[', '~'),
    );
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1 }), (rest) => {
        const commandArgv = ['sh', ...rest];
        const rendered = renderMachineConfig({ queue: '/q.git', machine: 'pi', policy: { agents: ['command'] }, commandArgv });
        expect(parse(rendered)).toMatchObject({ ok: true, value: { agents: { command: { argv: commandArgv } } } });
      }),
    );
  });
});
