import type { Parsed, Problem } from '@errand/task';
import { type Checked, checkFile, type FileKind } from './check-file.ts';
import { type Host, readHost } from './host.ts';
import type { MachineConfig } from './machine-config.ts';
import { MACHINE_ERRORS, MACHINE_NAMES, MACHINE_WARNINGS, type MachineRuleContext } from './machine-rules.ts';
import { type MachineFile, machineFileSchema } from './machine-schema.ts';
import { resolveMachine } from './resolve-machine.ts';

/** A value, or every problem of the file; and what is worth telling either way. */
export type ParsedConfig<T> = Parsed<T> & { warnings: Problem[] };

const MACHINE_FILE: FileKind<MachineFile, MachineRuleContext> = {
  schema: machineFileSchema,
  unsupportedKeys: [],
  foreignKeys: new Set(['machines', 'repos', 'routing', 'tiers', 'defaults', 'pushes', 'tidy']),
  explainForeignKey: (path) => ({
    path,
    at: 'key',
    code: 'belongs-in-queue-file',
    message: `\`${path.map(String).join('.')}\` belongs in the queue's shared file`,
    hint: 'Move it to config/errand.yaml of the queue.',
  }),
  names: MACHINE_NAMES,
  errors: MACHINE_ERRORS,
  warnings: MACHINE_WARNINGS,
};

/** Reads the text of a machine's own file. `path` should be absolute: relative paths in the file start from its folder. */
export function parseMachineConfig(path: string, text: string, host: Host = readHost(process.env)): ParsedConfig<MachineConfig> {
  return resolveChecked(checkMachineFile(path, text, host), path, host);
}

/** Written to checked. */
export function checkMachineFile(path: string, text: string, host: Host): Checked<MachineFile> {
  return checkFile(MACHINE_FILE, path, text, { uid: host.uid });
}

/** Checked to resolved. */
export function resolveChecked(checked: Checked<MachineFile>, path: string, host: Host): ParsedConfig<MachineConfig> {
  const { warnings } = checked;
  if (!checked.ok) return { ok: false, problems: checked.problems, warnings };
  return { ok: true, value: resolveMachine(checked.file, path, host), warnings };
}
