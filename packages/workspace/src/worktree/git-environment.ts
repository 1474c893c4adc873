import { readHostEnvironment } from '../environment.ts';
import type { Remote } from './find-remote.ts';

/** Settings that would run a program, or reach further than one repository: turned off for every git of ours. */
export const SAFE_SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.sparseCheckout=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'fetch.writeCommitGraph=false',
  'push.recurseSubmodules=no',
  'push.gpgSign=false',
  'push.followTags=false',
  'push.negotiate=false',
  'push.useForceIfIncludes=false',
  'push.pushOption=',
  'protocol.version=2',
  // A server that has stopped sending is given up, also when nobody is left to hold the clock.
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
];

/** Variables that lead git to another repository, or make it talk: never inherited. */
const NOT_INHERITED =
  /^(?:GIT_(?:TRACE.*|DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX|CONFIG|CONFIG_PARAMETERS|CEILING_DIRECTORIES|GRAFT_FILE|SHALLOW_FILE|REPLACE_REF_BASE|QUARANTINE_PATH|INTERNAL_SUPER_PREFIX|IMPLICIT_WORK_TREE|DEFAULT_HASH|EXTERNAL_DIFF|EXEC_PATH|TEMPLATE_DIR)|SSH_ASKPASS)$/;

const COMMON = {
  LC_ALL: 'C',
  LANGUAGE: '',
  GIT_TERMINAL_PROMPT: '0',
  SSH_ASKPASS_REQUIRE: 'never',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

/** The environment of git on this disk alone: no credentials, no settings of the user or the machine, and no way out. */
export function localEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...COMMON,
    PATH: readHostEnvironment(env).path,
    HOME: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    // Named, and nothing in the list: no protocol at all.
    GIT_ALLOW_PROTOCOL: '',
  };
}

/** What git needs to read the user's settings, and nothing else of the worker's environment. */
const USER_SETTINGS = ['HOME', 'XDG_CONFIG_HOME', 'TMPDIR', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM'];

/** Settings of a repository that would run a program, or check out files through one, while it is served. */
const SERVER_SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  // A program that says nothing: an empty one is reported as missing.
  'core.alternateRefsCommand=true',
  'receive.autogc=false',
  'receive.denyCurrentBranch=refuse',
  'gc.auto=0',
  'maintenance.auto=false',
];

/** Our settings do not reach the git that serves a repository on this disk: it gets its own, and no way to other remotes. */
const SERVE = `GIT_ALLOW_PROTOCOL= git ${SERVER_SETTINGS.map((setting) => `-c ${setting}`).join(' ')}`;

/**
 * The environment of git that talks to a repository, and the name by which its arguments call that repository. The address
 * stands in the environment, since among the arguments it could be an option; the name is random, so that no setting on
 * disk can say anything about it. A repository on this disk is served by our own process: it may be an agent's work, so
 * none of its hooks runs, and nothing of the worker's environment is there to be read.
 */
export function networkEnvironment(env: NodeJS.ProcessEnv, { address, local }: Remote, name: string): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([key]) => (local ? USER_SETTINGS.includes(key) : !NOT_INHERITED.test(key)));
  const first = local ? 0 : Number.parseInt(env.GIT_CONFIG_COUNT ?? '0', 10) || 0;
  const settings = [
    ['url', address],
    ...(local
      ? [
          ['uploadpack', `${SERVE} upload-pack`],
          ['receivepack', `${SERVE} receive-pack`],
        ]
      : []),
  ].flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, `remote.${name}.${key}`],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return {
    ...Object.fromEntries(kept),
    ...COMMON,
    PATH: readHostEnvironment(env).path,
    GIT_ALLOW_PROTOCOL: local ? 'file' : 'https:ssh:http:git',
    GIT_CONFIG_COUNT: String(first + settings.length / 2),
    ...Object.fromEntries(settings),
  };
}

const AGENT_SETTINGS: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['submodule.recurse', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
];

/** What an attempt's own git needs to know: who commits, no hooks, and nobody to ask. */
export function agentGitEnvironment(identity: { name: string; email: string }): { [name: string]: string } {
  const settings = AGENT_SETTINGS.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(AGENT_SETTINGS.length),
    ...Object.fromEntries(settings),
  };
}
