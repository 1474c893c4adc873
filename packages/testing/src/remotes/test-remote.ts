import type { BareRepository } from './bare-repository.ts';

/** A git remote of a test's own, on this machine alone, that misbehaves when told to. */
export interface TestRemote extends AsyncDisposable {
  readonly kind: 'path' | 'file' | 'ssh' | 'http';
  /** What a machine's `queue:` would name. */
  readonly url: string;
  /** Whoever talks to it needs this environment: hermetic, with the ssh command if it is one of ssh. */
  readonly env: Record<string, string>;
  /** The repository behind it, to look into and to set hooks in. */
  readonly repository: BareRepository;
  /** Nobody can reach it, until it comes back with all it had. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

export interface TestRemoteOptions {
  /** Whether it lets a clone leave blobs out (`uploadpack.allowFilter`). Default: true. */
  allowFilter?: boolean;
  objectFormat?: 'sha1' | 'sha256';
}
