/** What a key of the queue's file means where it is absent, spelled as it would stand there. */
export const QUEUE_DEFAULTS = {
  machines: {},
  machine: { capabilities: [], worker: true },
  repos: {},
  routing: {},
  tiers: {},
  defaults: { timeout: '30m', retries: 2, model: 'auto', agent: 'auto', priority: 5 },
  tidy: '7d',
} as const;
