/** The longest time that a timer of Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A signal that comes with `signal`, and after `timeoutMs` at the latest; `clear` ends the watch. */
export function limitTime(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): { signal: AbortSignal; timedOut: () => boolean; clear: () => void } {
  const controller = new AbortController();
  let late = false;
  const pass = (): void => controller.abort();
  if (signal?.aborted) pass();
  signal?.addEventListener('abort', pass);
  const expire = (): void => {
    late = !controller.signal.aborted;
    controller.abort();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(expire, Math.min(timeoutMs, MAX_TIMER_MS));
  return {
    signal: controller.signal,
    timedOut: () => late,
    clear: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', pass);
    },
  };
}
