import {
  type DescMessage,
  fromBinary,
  type MessageShape,
} from "@bufbuild/protobuf";
import { checkWire } from "./check-wire.js";
import { maxBackupMessageBytes } from "./content-type.js";
import { ProtocolError } from "./errors.js";

/**
 * Decodes bytes from outside. Nothing in the result shares memory with them.
 *
 * @throws {ProtocolError} `tooLarge`, `malformed`
 */
export function decodeMessage<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  path: string,
): MessageShape<Desc> {
  if (bytes.length > maxBackupMessageBytes)
    throw new ProtocolError(
      "tooLarge",
      `${path}: ${bytes.length} bytes, at most ${maxBackupMessageBytes} allowed`,
    );
  const own = Uint8Array.from(bytes);
  checkWire(schema, own, path);
  return fromBinary(schema, own);
}
