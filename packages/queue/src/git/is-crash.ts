const CRASHES: ReadonlySet<NodeJS.Signals> = new Set(['SIGBUS', 'SIGSEGV', 'SIGABRT', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS']);

/**
 * True for a signal that a program brings upon itself, as git does where a file that it reads is cut off; any other came from
 * somebody else (the kernel short of memory, a person) and says nothing of what it was at.
 */
export function isCrash(signal: NodeJS.Signals): boolean {
  return CRASHES.has(signal);
}
