import { bytesToHex } from "@noble/hashes/utils.js";

/** A value as the vectors write it: 64-bit numbers as decimal text, bytes as hex, nothing for `undefined`. */
export const toVectorJson = (value: unknown): unknown => {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(toVectorJson);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => [key, toVectorJson(each)]),
    );
  return value;
};
