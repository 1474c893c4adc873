import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { carry } from './carry.ts';

export interface SlowLinkOptions {
  /** The port of 127.0.0.1 to which it leads. */
  port: number;
  /** How long everything is under way, each way, milliseconds: a round trip takes twice as long. */
  delayMs: number;
  /** Up to so much longer, by chance; nothing overtakes what was sent before it. Default: 0. */
  jitterMs?: number;
  /** In [0, 1); for the jitter. */
  random?: () => number;
}

/** A link with a delay, in front of a server on this machine. */
export interface SlowLink extends AsyncDisposable {
  /** The port of 127.0.0.1 to connect to. */
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Breaks every connection, and refuses new ones until it comes back. Safe twice. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/**
 * Forwards connections to a port of this machine, and holds everything back for `delayMs` each way, as a long cable does.
 * Connecting costs a round trip too: what a client sends at once arrives after three delays.
 */
export async function slowLink(options: SlowLinkOptions): Promise<SlowLink> {
  const { delayMs, jitterMs = 0, random = Math.random } = options;
  const nextDelayMs = (): number => delayMs + jitterMs * random();
  const open = new Set<Socket>();
  let connections = 0;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const accept = (client: Socket): void => {
    connections += 1;
    keep(client);
    carry(client, options.port, nextDelayMs, keep);
  };
  let server: Server | null = await listen(accept, 0);
  const { port } = server.address() as AddressInfo;
  const goAway = async (): Promise<void> => {
    const closing = server;
    server = null;
    if (closing === null) return;
    const closed = new Promise((resolve) => closing.close(resolve));
    for (const socket of open) socket.resetAndDestroy();
    await closed;
  };
  return {
    port,
    get connections() {
      return connections;
    },
    goAway,
    comeBack: async () => {
      server ??= await listen(accept, port);
    },
    [Symbol.asyncDispose]: goAway,
  };
}

function listen(accept: (client: Socket) => void, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    // Half-open: a client that has said all it will say still gets its answer.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
