/**
 * Everything that a stream gives. What it fails with reaches the caller as it is: a `Response` would make a network error of
 * it.
 */
export async function readParts(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return parts;
    parts.push(value as Uint8Array<ArrayBuffer>);
  }
}

/** The same, in one piece. */
export async function readWhole(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array> {
  const parts = await readParts(stream);
  const whole = new Uint8Array(
    parts.reduce((size, part) => size + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
