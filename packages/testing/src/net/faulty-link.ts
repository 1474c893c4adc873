import { type AddressInfo, createServer, type Socket } from 'node:net';
import { FaultyConnection } from './faulty-connection.ts';

/** A link that misbehaves when told to, in front of a server on this machine. */
export interface FaultyLink extends AsyncDisposable {
  /** The port of 127.0.0.1 to connect to. */
  readonly port: number;
  /** Answers to pushes that were applied, and that were lost here because of `loseNextAnswer`. */
  readonly answersLost: number;
  /** How often something was swallowed. */
  readonly swallowed: number;
  /** From now on everything is under way for so long, each way, milliseconds; 0: no longer than it must. */
  slowDown(delayMs: number): void;
  /** Nothing gets through either way, and nobody is told, until `heal`. New connections are taken, and hear nothing. */
  swallow(): void;
  /** Ends `swallow`: what was on its way arrives now, or else the connections that missed something break. */
  heal(late: boolean): void;
  /** Breaks every open connection. */
  reset(): void;
  /** What the open connections say still gets through, what they are told does not, until they break after so long, milliseconds. */
  deafen(forMs: number): void;
  /** The next push over HTTP reaches its server; the connection breaks in the place of the answer. */
  loseNextAnswer(): void;
}

/** Forwards connections to a port of this machine. */
export async function faultyLink(port: number): Promise<FaultyLink> {
  const open = new Set<FaultyConnection>();
  const state = { delayMs: 0, isSwallowing: false, losesAnswer: false };
  let answersLost = 0;
  let swallowed = 0;
  const road = {
    port,
    delayMs: () => state.delayMs,
    isSwallowing: () => state.isSwallowing,
    swallowed: () => {
      swallowed += 1;
    },
    takesAnswer: () => {
      if (!state.losesAnswer) return false;
      state.losesAnswer = false;
      answersLost += 1;
      return true;
    },
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client: Socket) => {
    const connection = new FaultyConnection(client, road);
    open.add(connection);
    client.once('close', () => open.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const reset = (): void => {
    for (const connection of open) connection.break();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get answersLost() {
      return answersLost;
    },
    get swallowed() {
      return swallowed;
    },
    slowDown: (delayMs) => {
      state.delayMs = delayMs;
    },
    swallow: () => {
      state.isSwallowing = true;
    },
    heal: (late) => {
      state.isSwallowing = false;
      for (const connection of open) connection.heal(late);
    },
    reset,
    deafen: (forMs) => {
      for (const connection of open) connection.deafen(forMs);
    },
    loseNextAnswer: () => {
      state.losesAnswer = true;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      reset();
      await closed;
    },
  };
}
