/** Protobuf by hand, for bytes that no encoder makes. */

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export const utf8 = (text: string): Uint8Array =>
  new TextEncoder().encode(text);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((length, part) => length + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function varint(value: bigint | number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

export const tag = (field: number, wireType: number): Uint8Array =>
  varint((BigInt(field) << 3n) | BigInt(wireType));

export const varintField = (
  field: number,
  value: bigint | number,
): Uint8Array => concat(tag(field, 0), varint(value));

export const bytesField = (field: number, value: Uint8Array): Uint8Array =>
  concat(tag(field, 2), varint(value.length), value);

export const textField = (field: number, value: string): Uint8Array =>
  bytesField(field, utf8(value));
