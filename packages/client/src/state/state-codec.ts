import { CarryoverError } from "../errors.js";
import { emptyState, type EngineState } from "./engine-state.js";

// JSON has neither 64-bit integers nor bytes. Both are written as an object with one key that no record uses.
const bigintKey = "$bigint";
const bytesKey = "$bytes";

/** The bytes of a state: JSON in UTF-8. */
export function encodeState(state: EngineState): Uint8Array {
  const json = JSON.stringify(state, (_key, value: unknown) => {
    if (typeof value === "bigint") return { [bigintKey]: value.toString() };
    if (value instanceof Uint8Array) return { [bytesKey]: Array.from(value) };
    return value;
  });
  return new TextEncoder().encode(json);
}

/** @throws {CarryoverError} `stateUnreadable` */
export function decodeState(bytes: Uint8Array): EngineState {
  let state: unknown;
  try {
    state = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      (_key, value: unknown) => {
        if (isTagged(value, bigintKey) && typeof value[bigintKey] === "string")
          return BigInt(value[bigintKey]);
        if (isTagged(value, bytesKey) && Array.isArray(value[bytesKey]))
          return Uint8Array.from(value[bytesKey] as number[]);
        return value;
      },
    );
  } catch {
    // The reason is left out: it quotes the text, and that holds keys.
    throw new CarryoverError("stateUnreadable", "state: not valid JSON");
  }
  if (!isState(state))
    throw new CarryoverError("stateUnreadable", "state: of another version");
  // Records that older versions did not have are empty.
  return { ...emptyState(), ...state };
}

function isTagged<Key extends string>(
  value: unknown,
  key: Key,
): value is Record<Key, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 1 &&
    key in value
  );
}

// The store authenticates what it returns, so what has the version was written by this code.
function isState(value: unknown): value is EngineState {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as { version?: unknown }).version === 1
  );
}
