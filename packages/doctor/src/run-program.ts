/** What a program printed; null where it could not be started, failed, or took too long. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; signal: AbortSignal; timeoutMs?: number },
): Promise<{ ok: true; stdout: string } | { ok: false; cause: string }> {
  // execa takes 70 ms to import, which a check that finds nothing to run should not pay.
  const { execa } = await import('execa');
  const ended = await execa(file, args, {
    env: { ...options.env, LC_ALL: 'C' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: options.timeoutMs ?? 10_000,
    cancelSignal: options.signal,
    maxBuffer: 64 * 1024,
  });
  if (!ended.failed) return { ok: true, stdout: ended.stdout };
  const said = ended.stderr?.trim().split('\n', 1)[0] ?? '';
  return { ok: false, cause: said === '' ? (ended.shortMessage ?? 'it failed') : said };
}
