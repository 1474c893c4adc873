/** How much of a text fits: in bytes of UTF-8, and in bytes of the JSON string that carries it. */
export interface Room {
  bytes: number;
  jsonBytes: number;
}

/** The longest beginning that fits, ending at a character; the whole text where that fits. */
export function headThatFits(text: string, room: Room): string {
  let bytes = 0;
  let jsonBytes = 0;
  let end = 0;
  for (const character of text) {
    const own = Buffer.byteLength(character);
    bytes += own;
    // JSON writes quotes, backslashes and line feeds as two bytes, other control characters as six.
    jsonBytes += own === 1 ? JSON.stringify(character).length - 2 : own;
    if (bytes > room.bytes || jsonBytes > room.jsonBytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/** A text of at most so many bytes of UTF-8, with `…` where it was cut. */
export function fitLine(text: string, maxBytes: number): string {
  const whole = { bytes: maxBytes, jsonBytes: Number.POSITIVE_INFINITY };
  if (headThatFits(text, whole).length === text.length) return text;
  return `${headThatFits(text, { ...whole, bytes: maxBytes - Buffer.byteLength('…') }).trimEnd()}…`;
}

/**
 * A text that fits, or its beginning with `…`, cut after a whole line where that costs less than a quarter.
 * `ending` is what stands below either; it gets its room first.
 */
export function fitText(text: string, ending: { whole: string; cut: string }, room: Room): string {
  const withEnding = text + ending.whole;
  if (headThatFits(withEnding, room).length === withEnding.length) return withEnding;
  const tail = `…${ending.cut}`;
  const head = headThatFits(text, {
    bytes: room.bytes - Buffer.byteLength(tail),
    jsonBytes: room.jsonBytes - (Buffer.byteLength(JSON.stringify(tail)) - 2),
  });
  const lineEnd = head.lastIndexOf('\n');
  if (lineEnd > head.length * 0.75) return `${head.slice(0, lineEnd).trimEnd()}\n${tail}`;
  return `${head.trimEnd()}${tail}`;
}
