/** Variables that point git at some other repository, or make it talk: never inherited. */
const NOT_INHERITED = new Set([
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_CEILING_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DEFAULT_HASH',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
  // Git falls back to it for http passwords: a window on the screen of a machine that nobody looks at.
  'SSH_ASKPASS',
]);

/**
 * The environment for git in a private clone: the caller's, without what would lead git elsewhere, and with what keeps it
 * from asking or speaking another language. Keeps ssh commands and agents, proxies, `GIT_CONFIG_GLOBAL` and `GIT_CONFIG_COUNT`.
 */
export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !NOT_INHERITED.has(name) && !name.startsWith('GIT_TRACE'));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
  };
}

/** Settings of a person's `~/.gitconfig` that are fine in a checkout and would hurt here, turned off. */
export const NEUTRAL_CONFIG: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.logAllRefUpdates=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'protocol.version=2',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'fetch.prune=false',
  'fetch.pruneTags=false',
  'fetch.writeCommitGraph=false',
  'fetch.parallel=1',
  'push.gpgSign=false',
  'push.followTags=false',
  'push.recurseSubmodules=no',
  'push.negotiate=false',
  'push.useForceIfIncludes=false',
  'push.pushOption=',
  // A server that has stopped sending is given up, also when nobody is left to hold the clock.
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
];
