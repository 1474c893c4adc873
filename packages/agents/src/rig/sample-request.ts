import { randomUUID } from 'node:crypto';
import type { AgentRequest } from '../agent.ts';

/** A request for a small task, with a new session, unless said otherwise. */
export function sampleRequest(of: Partial<AgentRequest> = {}): AgentRequest {
  return {
    id: 'say-hello',
    attempt: 1,
    task: {
      id: 'say-hello',
      title: 'Say hello',
      prompt: 'Say hello.',
      machines: 'any',
      needs: [],
      agent: 'claude',
      model: 'auto',
      priority: 5,
      dependsOn: [],
      hold: false,
      timeoutMs: 1_800_000,
      retries: 2,
      deliver: 'none',
    },
    tier: 'haiku',
    model: 'haiku',
    place: { cwd: '/place/work', home: '/place/home', tmp: '/place/tmp' },
    session: { kind: 'fresh', id: randomUUID() },
    instructions: null,
    ...of,
  };
}
