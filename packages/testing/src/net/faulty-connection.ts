import { connect, type Socket } from 'node:net';
import { DelayLine } from './delay-line.ts';

/** What a link is like at this moment. */
export interface Road {
  /** The port of 127.0.0.1 to which it leads. */
  port: number;
  delayMs(): number;
  isSwallowing(): boolean;
  /** Called for whatever is. */
  swallowed(): void;
  /** True once where the answer to a push is to be lost. */
  takesAnswer(): boolean;
}

const PUSH = /POST \S*\/git-receive-pack HTTP/;

/** One connection of a client over a faulty link. */
export class FaultyConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #road: Road;
  /** What was swallowed, in the order in which it would have arrived. */
  #missed: (() => void)[] = [];
  #isDeaf = false;
  #isPushing = false;

  constructor(client: Socket, road: Road) {
    this.#client = client;
    this.#road = road;
    this.#server = connect({ port: road.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const there = new DelayLine();
    const back = new DelayLine();
    client.on('data', (chunk: Buffer) => {
      if (PUSH.test(chunk.toString('latin1'))) this.#isPushing = true;
      this.#send(there, () => this.#server.write(chunk));
    });
    client.once('end', () => this.#send(there, () => this.#server.end()));
    this.#server.on('data', (chunk: Buffer) => {
      if (this.#isPushing && this.#road.takesAnswer()) return this.break();
      this.#send(back, () => this.#isDeaf || client.write(chunk));
    });
    this.#server.once('end', () => this.#send(back, () => this.#isDeaf || client.end()));
    // A break is told over the link, like everything else.
    client.on('error', () => this.#send(there, () => reset(this.#server)));
    this.#server.on('error', () => this.#send(back, () => reset(client)));
    client.once('close', () => this.#send(there, () => this.#server.destroy()));
  }

  heal(late: boolean): void {
    const missed = this.#missed;
    this.#missed = [];
    if (late) for (const arrive of missed) arrive();
    else if (missed.length > 0) this.break();
  }

  deafen(forMs: number): void {
    this.#isDeaf = true;
    setTimeout(() => this.break(), forMs).unref();
  }

  break(): void {
    this.#missed = [];
    reset(this.#client);
    reset(this.#server);
  }

  #send(line: DelayLine, arrive: () => void): void {
    line.send(this.#road.delayMs(), () => {
      if (!this.#road.isSwallowing()) return void arrive();
      this.#missed.push(arrive);
      this.#road.swallowed();
    });
  }
}

/** A socket that is being ended already cannot be reset: Node would never let go of it. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
