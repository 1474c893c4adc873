import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CLAUDE_VERSIONS,
  callTool,
  callTools,
  held,
  refuse,
  runOutOfTokens,
  say,
  sayNothing,
  whyNoClaude,
} from '@errand/testing';
import { describe, expect, test } from 'vitest';
import type { ClaudeEvent } from './claude-run.ts';
import { openScene } from './claude-scene.ts';

// The model API is a double; here the real Claude Code says that it is a good one.

const missing = whyNoClaude();

describe.skipIf(missing !== null).each(CLAUDE_VERSIONS)(`Claude Code %s${missing === null ? '' : ` (${missing})`}`, (version) => {
  test('says what was scripted, with the tokens, the model and the key', async () => {
    await using scene = await openScene(version, [
      say('Hello, it is done.', { thinking: 'Let me see.', usage: { input: 2000, output: 70, cacheRead: 300, cacheWrite: 40 } }),
    ]);
    await using claude = scene.start({ prompt: 'Say hello, please.' });
    const { exitCode, result } = await claude.ended;
    expect([exitCode, result?.is_error, result?.result]).toEqual([0, false, 'Hello, it is done.']);
    expect(result?.usage).toMatchObject({
      input_tokens: 2000,
      output_tokens: 70,
      cache_read_input_tokens: 300,
      cache_creation_input_tokens: 40,
    });
    expect(Object.keys(result?.modelUsage ?? {})).toEqual(['claude-sonnet-5-5']);
    expect(result?.total_cost_usd).toBeGreaterThan(0);
    expect(scene.api.asked()).toHaveLength(1);
    expect(JSON.stringify(scene.api.asked()[0]?.messages)).toContain('Say hello, please.');
    expect(scene.api.requests().find(({ main }) => main)?.headers['x-api-key']).toBe('dummy');
    expect(claude.events.flatMap(kindsOfBlocks)).toEqual(['thinking', 'text']);
    expect(scene.api.unexpected()).toEqual([]);
  });

  test('streams', async () => {
    await using scene = await openScene(version, [say('A sentence that comes in several pieces.')]);
    await using claude = scene.start({ args: ['--include-partial-messages'] });
    await claude.ended;
    const pieces = claude.events.flatMap(({ type, event }) => (type === 'stream_event' ? textOf(event) : []));
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join('')).toBe('A sentence that comes in several pieces.');
    expect(scene.api.asked()[0]?.stream).toBe(true);
  });

  test('does what tool calls ask for, and tells the model', async () => {
    await using scene = await openScene(version, (folder) => [
      callTool('Write', { file_path: join(folder, 'cwd', 'a.txt'), content: 'written by a tool call' }, { text: 'I write it.' }),
      callTools(['a.txt', 'none.txt'].map((name) => ({ name: 'Read', input: { file_path: join(folder, 'cwd', name) } }))),
      say('Written.'),
    ]);
    await using claude = scene.start({ args: ['--permission-mode', 'acceptEdits'] });
    const { exitCode, result } = await claude.ended;
    expect([exitCode, result?.result]).toEqual([0, 'Written.']);
    expect(await readFile(join(scene.folder, 'cwd', 'a.txt'), 'utf8')).toBe('written by a tool call');
    expect(scene.api.asked()).toHaveLength(3);
    const told = JSON.stringify(scene.api.asked()[2]?.messages.at(-1));
    expect(told).toContain('written by a tool call');
    expect(told.match(/"tool_result"/g)).toHaveLength(2);
    expect(result?.usage).toMatchObject({ input_tokens: 3000, output_tokens: 150 });
    expect(scene.api.unexpected()).toEqual([]);
  });

  test('is denied what its permissions do not cover, and says so in a list', async () => {
    await using scene = await openScene(version, (folder) => [
      callTool('Write', { file_path: join(folder, 'cwd', 'a.txt'), content: 'A' }),
      say('I may not.'),
    ]);
    await using claude = scene.start();
    const { exitCode, result } = await claude.ended;
    expect([exitCode, result?.is_error, result?.result]).toEqual([0, false, 'I may not.']);
    expect(result?.permission_denials).toMatchObject([{ tool_name: 'Write' }]);
    await expect(readFile(join(scene.folder, 'cwd', 'a.txt'))).rejects.toThrow('ENOENT');
  });

  test('waits for an answer that is held', async () => {
    await using scene = await openScene(version, [held(say('At last.'))]);
    await using claude = scene.start();
    await scene.api.requested(1);
    expect(claude.events.map(({ type }) => type)).not.toContain('result');
    scene.api.release();
    expect((await claude.ended).result?.result).toBe('At last.');
  });

  test('has nothing to say when the model says nothing', async () => {
    await using scene = await openScene(version, [sayNothing()]);
    await using claude = scene.start();
    expect((await claude.ended).result).toMatchObject({ is_error: false, result: '' });
  });

  test('reports a refusal by its stop reason', async () => {
    await using scene = await openScene(version, [refuse()]);
    await using claude = scene.start();
    const { exitCode, result } = await claude.ended;
    expect(exitCode).toBe(1);
    expect(result).toMatchObject({ is_error: true, stop_reason: 'refusal' });
  });

  test('fails when the model runs out of tokens again and again', async () => {
    await using scene = await openScene(version, [runOutOfTokens('and so')]);
    await using claude = scene.start();
    const { exitCode, result } = await claude.ended;
    expect(exitCode).toBe(1);
    expect(result).toMatchObject({ is_error: true, result: expect.stringContaining('output token maximum') });
  });
});

function kindsOfBlocks({ type, message }: ClaudeEvent): string[] {
  if (type !== 'assistant') return [];
  return (message as { content: { type: string }[] }).content.map((block) => block.type);
}

function textOf(event: unknown): string[] {
  const { delta } = event as { delta?: { text?: string } };
  return delta?.text === undefined ? [] : [delta.text];
}
