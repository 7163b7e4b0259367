import type { Message, UnknownField } from "@bufbuild/protobuf";
import { ProtocolError } from "./errors.js";

/** A parsed message, and what in it this version does not know: reported, neither ignored nor fatal. */
export interface ReadResult<T> {
  value: T;
  /** `message.path#fieldNumber` of each field that is not known here; of each message once, and at most the first 16. */
  unknownFields: string[];
}

const maxReported = 16;

/** Paths of the unknown fields of one protobuf message, as {@link ReadResult} reports them. */
export function unknownFieldsOf(
  path: string,
  message: Message | undefined,
): string[] {
  const numbers = new Set(
    (message?.$unknown ?? []).map((field: UnknownField) => field.no),
  );
  return [...numbers].slice(0, maxReported).map((no) => `${path}#${no}`);
}

/** @throws {ProtocolError} `missingField` */
export function required<T>(path: string, value: T | undefined): T {
  if (value === undefined)
    throw new ProtocolError("missingField", `${path}: missing`);
  return value;
}

/** @throws {ProtocolError} `invalidField` when not a time after 1970 */
export function parseTimeNs(path: string, value: bigint): bigint {
  if (value <= 0n)
    throw new ProtocolError("invalidField", `${path}: not a time`);
  return value;
}

/** @throws {ProtocolError} `invalidField` when negative or past 2^53 */
export function parseCount(path: string, value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new ProtocolError("invalidField", `${path}: not a count`);
  return Number(value);
}
