import type { ProtocolErrorCode } from "../../errors.js";
import { hex } from "../wire-bytes.js";

/** What a reader of the bytes must find: a value and the fields that it does not know, or one error. */
export type Expected<Value = unknown> =
  { value: Value; unknownFields?: string[] } | { error: ProtocolErrorCode };

/** A value as the vectors write it: 64-bit numbers as decimal text, bytes as hex. */
export function toVectorJson(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(toVectorJson);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, toVectorJson(each)]),
    );
  return value;
}
