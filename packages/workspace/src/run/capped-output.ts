import { StringDecoder } from 'node:string_decoder';

/** Collects one stream of output up to a size: its first half and its last, in bytes. The middle is dropped, and said so. */
export class CappedOutput {
  readonly #halfBytes: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #droppedBytes = 0;

  constructor(capBytes: number) {
    this.#halfBytes = Math.ceil(capBytes / 2);
  }

  get capped(): boolean {
    return this.#droppedBytes > 0;
  }

  push(chunk: Buffer): void {
    const room = Math.max(0, this.#halfBytes - this.#headBytes);
    if (room > 0) {
      this.#head.push(chunk.subarray(0, room));
      this.#headBytes += Math.min(room, chunk.length);
    }
    if (chunk.length > room) this.#pushTail(chunk.subarray(room));
  }

  /** The text, whole characters only. */
  text(): string {
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    if (this.#droppedBytes === 0) return Buffer.concat([head, tail]).toString('utf8');
    return `${dropBrokenEnd(head)}\n[… ${this.#droppedBytes} bytes of output left out …]\n${dropBrokenStart(tail)}`;
  }

  #pushTail(chunk: Buffer): void {
    // A copy, as a slice would keep the whole buffer that it came in.
    this.#tail.push(Buffer.from(chunk));
    this.#tailBytes += chunk.length;
    let overBytes = this.#tailBytes - this.#halfBytes;
    this.#droppedBytes += Math.max(0, overBytes);
    for (let first = this.#tail[0]; overBytes > 0 && first !== undefined; first = this.#tail[0]) {
      if (first.length <= overBytes) this.#tail.shift();
      else this.#tail[0] = first.subarray(overBytes);
      const droppedBytes = Math.min(first.length, overBytes);
      overBytes -= droppedBytes;
      this.#tailBytes -= droppedBytes;
    }
  }
}

function dropBrokenEnd(bytes: Buffer): string {
  return new StringDecoder('utf8').write(bytes);
}

/** A UTF-8 character is at most four bytes, of which those after the first begin with the bits 10. */
function dropBrokenStart(bytes: Buffer): string {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start).toString('utf8');
}
