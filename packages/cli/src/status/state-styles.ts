/** How states are coloured, those of tasks and those of results. */
export const STATE_STYLES = {
  running: 'green',
  queued: 'cyan',
  waiting: 'yellow',
  blocked: 'yellow',
  invalid: 'red',
  done: 'green',
  failed: 'red',
  cancelled: 'dim',
} as const;
