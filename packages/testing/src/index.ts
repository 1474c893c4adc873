export { hermeticEnv, type Identity } from './hermetic.ts';
export { MemoryPort, type MemoryPortOptions } from './memory/memory-port.ts';
export { type MemoryAnswer, type MemoryHook, MemoryRemote } from './memory/memory-remote.ts';
export { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';
