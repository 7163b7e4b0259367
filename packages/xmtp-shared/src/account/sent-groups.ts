import { toHex } from "../hex.js";

/**
 * The groups that a `SendGroupMessages` call sends into, read from the framing of its MLS messages (RFC 9420, section 6).
 *
 * @param body - the call's bytes: one gRPC message
 * @returns group ids, in hex, at least one; `undefined` for bytes of any other form, which nobody should pass on
 */
export function groupsSentTo(body: Uint8Array): string[] | undefined {
  try {
    const groups: string[] = [];
    // SendGroupMessagesRequest.messages (1) → GroupMessageInput.v1 (1) → V1.data (1)
    for (const message of fieldsOf(grpcMessage(body), 1))
      groups.push(groupIdOf(only(fieldsOf(only(fieldsOf(message, 1)), 1))));
    // Nobody sends nothing: "no groups" must not be what a body that is not understood amounts to.
    return groups.length === 0 ? undefined : groups;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const malformed = () => new RangeError("not of the expected form");

/** One gRPC frame that is not compressed, and nothing behind it. */
function grpcMessage(body: Uint8Array): Uint8Array {
  const view = viewOf(body);
  if (view.getUint8(0) !== 0 || view.getUint32(1) !== body.length - 5)
    throw malformed();
  return body.subarray(5);
}

function only(fields: Uint8Array[]): Uint8Array {
  const [field, another] = fields;
  if (field === undefined || another !== undefined) throw malformed();
  return field;
}

/** The length-delimited fields of a protobuf message that have a number. */
function fieldsOf(message: Uint8Array, number: number): Uint8Array[] {
  const fields: Uint8Array[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = viewOf(message).getUint8(at);
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      // Parsers differ in what they make of more than 32 bits: what one of them skips is another one's message.
      if (byte < 0x80 && value <= 0xffff_ffff) return value;
    }
    throw malformed();
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === 0) {
      varint();
      continue;
    }
    if (wireType !== 2) throw malformed();
    const length = varint();
    if (length > message.length - at) throw malformed();
    if ((tag - wireType) / 8 === number)
      fields.push(message.subarray(at, at + length));
    at += length;
  }
  return fields;
}

/** `MLSMessage`: version, wire format (public or private message), and then the group id comes first in both. */
function groupIdOf(message: Uint8Array): string {
  const view = viewOf(message);
  const wireFormat = view.getUint16(2);
  if (view.getUint16(0) !== 1 || (wireFormat !== 1 && wireFormat !== 2))
    throw malformed();
  const first = view.getUint8(4);
  const sizeOfLength = 2 ** (first >> 6);
  if (sizeOfLength > 4) throw malformed();
  let length = first & 0x3f;
  for (let index = 1; index < sizeOfLength; index += 1)
    length = length * 256 + view.getUint8(4 + index);
  const start = 4 + sizeOfLength;
  if (length > message.length - start) throw malformed();
  return toHex(message.subarray(start, start + length));
}

const viewOf = (bytes: Uint8Array) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
