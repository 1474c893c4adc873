import {
  CLAUDE_VERSIONS,
  creditTooLow,
  dieMidStream,
  failInStream,
  forbidden,
  hang,
  hangMidStream,
  invalidRequest,
  limited,
  overloaded,
  promptTooLong,
  rateLimited,
  reset,
  type Step,
  say,
  serverError,
  unauthorized,
  unknownModel,
  whyNoClaude,
} from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { openScene } from './claude-scene.ts';

const missing = whyNoClaude();

/** Name, step, and the status that Claude Code reports. */
const FAILURES: [string, Step, number | null][] = [
  ['401', unauthorized(), 401],
  ['403', forbidden(), 403],
  ['400', invalidRequest(), 400],
  ['a credit balance that is too low', creditTooLow(), 400],
  ['a prompt that is too long', promptTooLong(), 400],
  ['404', unknownModel('claude-sonnet-5-5'), 404],
  ['429', rateLimited(), 429],
  ['429 with a time', rateLimited({ retryAfterS: 3600 }), 429],
  ['500', serverError(), 500],
  ['529', overloaded(), 529],
  ['an error within a stream', failInStream(), 500],
  ['a connection that is reset', reset(), null],
  ['a stream that dies, and its fallback too', dieMidStream({ fallback: 'dies' }), null],
];

/** One version shows that the API is taken for the real one; what each version makes of every failure is the adapter's contract. */
const NEWEST = CLAUDE_VERSIONS.slice(0, 1);

describe.skipIf(missing !== null).each(NEWEST)(`Claude Code %s${missing === null ? '' : ` (${missing})`}`, (version) => {
  test.each(FAILURES)('reports %s', async (_, step, status) => {
    await using scene = await openScene(version, [step]);
    await using claude = scene.start({ env: { CLAUDE_CODE_MAX_RETRIES: '0' } });
    const { exitCode, result } = await claude.ended;
    expect(exitCode).toBe(1);
    expect(result).toMatchObject({ is_error: true, subtype: 'success', api_error_status: status });
    expect(scene.api.unexpected()).toEqual([]);
  });

  test('knows a prompt that is too long by its name', async () => {
    await using scene = await openScene(version, [promptTooLong()]);
    await using claude = scene.start();
    expect((await claude.ended).result?.terminal_reason).toBe('prompt_too_long');
  });

  test('tries again after a failure that passes', async () => {
    await using scene = await openScene(version, [overloaded(), say('Better now.')]);
    await using claude = scene.start();
    expect((await claude.ended).result).toMatchObject({ is_error: false, result: 'Better now.' });
    expect(claude.events).toContainEqual(expect.objectContaining({ type: 'system', subtype: 'api_retry' }));
  });

  test.each([
    ['until when, if the API says so', new Date('2026-11-20T14:10:58Z')],
    ['without a time, if the API gives none', undefined],
  ])('says that its subscription is used up %s', async (_, resetsAt) => {
    await using scene = await openScene(version, [limited(resetsAt === undefined ? {} : { resetsAt })]);
    await using claude = scene.start({ env: { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'dummy' } });
    const { exitCode, result } = await claude.ended;
    expect([exitCode, result?.is_error, result?.api_error_status]).toEqual([1, true, 429]);
    const told = claude.events.flatMap(({ type, rate_limit_info }) => (type === 'rate_limit_event' ? [rate_limit_info] : []));
    expect(told).toEqual([expect.objectContaining({ status: 'rejected', rateLimitType: 'five_hour' })]);
    expect((told[0] as { resetsAt?: number }).resetsAt).toBe(resetsAt === undefined ? undefined : resetsAt.getTime() / 1000);
    expect(scene.api.requests().find(({ main }) => main)?.headers.authorization).toBe('Bearer dummy');
  });

  test('asks again without streaming when a stream dies, and then succeeds', async () => {
    await using scene = await openScene(version, [dieMidStream({ fallback: 'answers', text: 'Whole after all.' })]);
    await using claude = scene.start();
    const { exitCode, result } = await claude.ended;
    expect([exitCode, result?.is_error, result?.result]).toEqual([0, false, 'Whole after all.']);
    expect(scene.api.asked().at(0)?.stream).toBe(true);
    expect(scene.api.asked().at(-1)?.stream).not.toBe(true);
  });

  test('gives up on an answer that never comes when its own patience ends', async () => {
    await using scene = await openScene(version, [hang()]);
    await using claude = scene.start({ env: { API_TIMEOUT_MS: '500', CLAUDE_CODE_MAX_RETRIES: '0' } });
    const { exitCode, result } = await claude.ended;
    expect([exitCode, result?.is_error]).toEqual([1, true]);
    expect(result?.result).toContain('timed out');
  });

  test('is left with half an answer when a stream falls silent', async () => {
    await using scene = await openScene(version, [hangMidStream({ text: 'This is never said to its end.' })]);
    await using claude = scene.start({ args: ['--include-partial-messages'] });
    const event = await claude.waitFor(({ event }) => JSON.stringify(event)?.includes('text_delta') ?? false);
    expect(JSON.stringify(event)).toContain('This is neve');
    expect(claude.events.map(({ type }) => type)).not.toContain('result');
  });
});
