import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An environment in which git runs, but for the next `times` runs of this subcommand, which end as this line of shell says
 * (`kill -9 $$`: as if somebody had killed them). `folder` is made for it.
 */
export function mortalGit(
  env: NodeJS.ProcessEnv,
  { folder, command, times, end }: { folder: string; command: string; times: number; end: string },
): NodeJS.ProcessEnv {
  mkdirSync(folder);
  for (let life = 1; life <= times; life++) writeFileSync(join(folder, `life-${life}`), '');
  const script = `#!/bin/sh
for word in "$@"; do
  [ "$word" = ${command} ] || continue
  for life in ${folder}/life-*; do
    rm "$life" 2>/dev/null || continue
    ${end}
  done
done
PATH=\${PATH#*:} exec git "$@"
`;
  writeFileSync(join(folder, 'git'), script, { mode: 0o755 });
  return { ...env, PATH: `${folder}:${env.PATH}` };
}
