export { claudeEnv } from './claude/claude-env.ts';
export {
  CLAUDE_VERSIONS,
  type ClaudeVersion,
  mustHaveClaude,
  type RealClaude,
  realClaude,
  whyNoClaude,
} from './claude/real-claude.ts';
export { hermeticEnv, type Identity } from './hermetic.ts';
export { MemoryClone, MemoryPort, type MemoryPortOptions } from './memory/memory-port.ts';
export { type MemoryAnswer, type MemoryFailure, type MemoryHook, type MemoryLine, MemoryRemote } from './memory/memory-remote.ts';
export {
  creditTooLow,
  failInStream,
  failWith,
  forbidden,
  invalidRequest,
  limited,
  overloaded,
  promptTooLong,
  rateLimited,
  serverError,
  unauthorized,
  unknownModel,
} from './model-api/failures.ts';
export { type ModelApi, type RecordedRequest, startModelApi } from './model-api/model-api.ts';
export type { Answer, AnswerOptions, Block, Break, MessagesBody, Reply, Step, Usage } from './model-api/step.ts';
export {
  callTool,
  callTools,
  dieMidStream,
  hang,
  hangMidStream,
  held,
  refuse,
  reset,
  runOutOfTokens,
  say,
  sayNothing,
} from './model-api/steps.ts';
export { mortalGit } from './mortal-git.ts';
export { type FaultyLink, faultyLink } from './net/faulty-link.ts';
export { type SlowLink, type SlowLinkOptions, slowLink } from './net/slow-link.ts';
export {
  type FixedAnswer,
  type NtfyRequestSeen,
  type NtfyServerOptions,
  type NtfyTestServer,
  startNtfyServer,
} from './ntfy/ntfy-server.ts';
export type { NtfyEvent } from './ntfy/topics.ts';
export { Person, type PersonsRemote } from './person.ts';
export { BareRepository } from './remotes/bare-repository.ts';
export { httpRemote } from './remotes/http-remote.ts';
export { type HttpRemote, serveFolder, startHttpServer } from './remotes/http-server.ts';
export { fileRemote, pathRemote } from './remotes/path-remote.ts';
export { REMOTE_KINDS, type RemoteKind } from './remotes/remote-kinds.ts';
export type { RemoteServer } from './remotes/remote-server.ts';
export { overSlowLink } from './remotes/slow-remote.ts';
export { sshRemote } from './remotes/ssh-remote.ts';
export { startSshServer, whyNoSshRemote } from './remotes/ssh-server.ts';
export type { TestRemote, TestRemoteOptions } from './remotes/test-remote.ts';
export { type CommandResult, mustRun, runCommand } from './run-command.ts';
export { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';
