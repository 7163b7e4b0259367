/** All bytes of a stream. */
export const collect = async (
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return join(...pieces);
    pieces.push(value);
  }
};

/** Bytes as a stream of pieces of a size, made as they are asked for. */
export const streamOfBytes = (
  bytes: Uint8Array,
  size = bytes.length || 1,
): ReadableStream<Uint8Array> => {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= bytes.length) {
          controller.close();
          return;
        }
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      },
    },
    { highWaterMark: 0 },
  );
};

/** Joined bytes. */
export const join = (...parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** The bytes with one bit of one byte turned. */
export const flip = (bytes: Uint8Array, at: number, bit = 0): Uint8Array => {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
  return flipped;
};

/** The UTF-8 bytes of a text. */
export const utf8 = (text: string): Uint8Array =>
  new TextEncoder().encode(text);
