import { connect, type Socket } from 'node:net';
import { DelayLine } from './delay-line.ts';

/** Connects a client, which was accepted, to a port of this machine by a line each way. Gives every socket it opens to `keep`. */
export function carry(client: Socket, port: number, nextDelayMs: () => number, keep: (socket: Socket) => void): void {
  const there = new DelayLine();
  const back = new DelayLine();
  const target = { socket: null as Socket | null };
  // The kernel tells the client at once that it is connected; over a cable the two ends would have greeted each other first.
  there.send(nextDelayMs() + nextDelayMs() + nextDelayMs(), () => {
    if (client.destroyed) return;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    keep(socket);
    target.socket = socket;
    socket.on('data', (chunk: Buffer) => back.send(nextDelayMs(), () => client.write(chunk)));
    socket.once('end', () => back.send(nextDelayMs(), () => client.end()));
    socket.once('error', () => back.send(nextDelayMs(), () => client.resetAndDestroy()));
  });
  client.on('data', (chunk: Buffer) => there.send(nextDelayMs(), () => target.socket?.write(chunk)));
  client.once('end', () => there.send(nextDelayMs(), () => target.socket?.end()));
  // A client that is gone for good needs no answer; one that has only ended waits for it.
  client.once('error', () => there.send(nextDelayMs(), () => target.socket?.resetAndDestroy()));
}
