import { type SlowLink, slowLink, startNtfyServer, startSshServer, type TestRemote } from '@errand/testing';
import type { FloorElsewhere } from './floor.ts';
import type { Elsewhere } from './stage.ts';

const WAKE_TOPIC = 'wake';

/** A git server that is reached over ssh, and one of notifications, both at the far end of a link with a delay. */
export class FarAway implements AsyncDisposable {
  /** For the machines that are measured. */
  readonly machines: Elsewhere;
  readonly floor: FloorElsewhere;
  /** Innermost first. */
  readonly #ends: readonly AsyncDisposable[];

  private constructor(machines: Elsewhere, floor: FloorElsewhere, ends: readonly AsyncDisposable[]) {
    this.machines = machines;
    this.floor = floor;
    this.#ends = ends;
  }

  /** `delayMs` each way: a round trip takes twice as long. */
  static async set(delayMs: number): Promise<FarAway> {
    const [server, ntfy] = await Promise.all([startSshServer(), startNtfyServer()]);
    const [measured, floor] = [await server.openRemote(), await server.openRemote()];
    const gitLink = await slowLink({ port: Number(new URL(measured.url).port), delayMs });
    const ntfyLink = await slowLink({ port: Number(new URL(ntfy.url).port), delayMs });
    const ntfyUrl = over(ntfyLink, ntfy.url);
    return new FarAway(
      {
        queue: over(gitLink, measured.url),
        env: measured.env,
        config: [`ntfy: { server: "${ntfyUrl}", topic: errand, wake: ${WAKE_TOPIC} }`, 'poll: { interval: 10m }'],
      },
      {
        queue: over(gitLink, floor.url),
        repository: floor.repository,
        ssh: sshOf(floor),
        publish: `${ntfyUrl}/${WAKE_TOPIC}-floor`,
      },
      [gitLink, ntfyLink, ntfy, measured, floor, server],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end[Symbol.asyncDispose]();
  }
}

/** The same address, at the near end of the link. */
function over(link: SlowLink, address: string): string {
  const url = new URL(address);
  url.port = String(link.port);
  return url.href.replace(/\/$/, '');
}

function sshOf({ env }: TestRemote): string {
  const { GIT_SSH_COMMAND: command } = env;
  if (command === undefined) throw new Error('the remote names no ssh command');
  return command;
}
