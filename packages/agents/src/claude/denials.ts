import { describeCall } from './describe.ts';
import type { Heard } from './heard.ts';
import { asName, asObjects, asText } from './json.ts';
import { nameTarget } from './target.ts';

export interface Denial {
  tool: string;
  /** One line: what it was to do. */
  about: string;
  /** A later call of the same tool with the same target succeeded: what was denied was done after all. */
  overcome: boolean;
}

/** Every call that the CLI refused for want of permission. */
export function listDenials({ results, calls, cwd }: Heard): readonly Denial[] {
  return results
    .flatMap((result) => asObjects(result.permission_denials))
    .map((denial) => {
      const tool = asName(denial.tool_name) ?? 'a tool';
      const target = nameTarget(denial.tool_input, cwd);
      const at = calls.findIndex(({ id }) => id === asText(denial.tool_use_id));
      const overcome = at !== -1 && calls.slice(at + 1).some((call) => call.ok && call.tool === tool && call.target === target);
      return { tool, about: describeCall(denial.tool_input), overcome };
    });
}

/** `Bash (npm test), Write (a.txt)`, each once, the first three. */
export function nameDenials(denials: readonly Denial[]): string {
  const names = [...new Set(denials.map(({ tool, about }) => (about === '' ? tool : `${tool} (${about})`)))];
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
