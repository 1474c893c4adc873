import { createSocket } from 'node:dgram';

/** Answers every question for a name with "no such name", and remembers the name. */
export interface NameServer extends AsyncDisposable {
  /** Each name once, in the order in which they were first asked for. */
  names(): string[];
  /** Resolves when a name has been asked for. */
  readonly asked: Promise<void>;
}

/** On 127.0.0.1 at the port that programs expect: as root, or in a namespace of one's own. */
export async function startNameServer(): Promise<NameServer> {
  const names = new Set<string>();
  let hear = () => {};
  const asked = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    names.add(readName(question));
    hear();
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8183, 2);
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(53, '127.0.0.1', resolve);
  });
  return {
    names: () => [...names],
    asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

/** The name in a DNS message's first question: labels, each after its length, up to an empty one. */
function readName(message: Buffer): string {
  const labels = [];
  for (let at = 12; (message[at] ?? 0) > 0; at += 1 + (message[at] ?? 0)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + (message[at] ?? 0)));
  }
  return labels.join('.');
}
