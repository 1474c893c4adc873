import { describeCall } from './describe.ts';
import type { Heard } from './heard.ts';
import { asObjects, asText } from './json.ts';

export interface Denial {
  tool: string;
  /** One line: what it was to do. */
  about: string;
  /** A later call of the same tool succeeded: the model found another way. */
  overcome: boolean;
}

/** Every call that the CLI refused for want of permission. */
export function listDenials({ results, calls }: Heard): readonly Denial[] {
  return results
    .flatMap((result) => asObjects(result.permission_denials))
    .map((denial) => {
      const tool = asText(denial.tool_name) ?? 'a tool';
      const at = calls.findIndex(({ id }) => id === asText(denial.tool_use_id));
      const overcome = at !== -1 && calls.slice(at + 1).some((call) => call.ok && call.tool === tool);
      return { tool, about: describeCall(denial.tool_input), overcome };
    });
}

/** `Bash (npm test), Write (a.txt)`, each once, the first three. */
export function nameDenials(denials: readonly Denial[]): string {
  const names = [...new Set(denials.map(({ tool, about }) => (about === '' ? tool : `${tool} (${about})`)))];
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
