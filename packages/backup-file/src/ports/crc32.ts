/** Tables for four bytes at a step. */
const tables = ((): readonly Uint32Array[] => {
  const first = new Uint32Array(256);
  for (let n = 0; n < 256; n += 1) {
    let c = n;
    for (let k = 0; k < 8; k += 1)
      c = (c & 1) === 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    first[n] = c >>> 0;
  }
  const all = [first];
  for (let t = 1; t < 4; t += 1) {
    const previous = all[t - 1] ?? first;
    all.push(previous.map((c) => (c >>> 8) ^ (first[c & 255] ?? 0)));
  }
  return all;
})();
const [t0 = new Uint32Array(256), t1 = t0, t2 = t0, t3 = t0] = tables;

/** The CRC-32 that gzip uses, continued from `before`. */
export const crc32 = (bytes: Uint8Array, before: number): number => {
  let crc = ~before;
  const whole = bytes.length - (bytes.length % 4);
  let i = 0;
  for (; i < whole; i += 4) {
    crc ^=
      (bytes[i] ?? 0) |
      ((bytes[i + 1] ?? 0) << 8) |
      ((bytes[i + 2] ?? 0) << 16) |
      ((bytes[i + 3] ?? 0) << 24);
    crc =
      (t3[crc & 255] ?? 0) ^
      (t2[(crc >>> 8) & 255] ?? 0) ^
      (t1[(crc >>> 16) & 255] ?? 0) ^
      (t0[crc >>> 24] ?? 0);
  }
  for (; i < bytes.length; i += 1)
    crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[i] ?? 0)) & 255] ?? 0);
  return ~crc >>> 0;
};
