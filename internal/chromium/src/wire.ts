import { CarryoverError, type CarryoverErrorCode } from "@carryover/client";

/** Carries one message to the other side, and its answer back. */
export type Carry = (message: string) => Promise<string>;

/** One of two sides that call each other's functions, in two processes. */
export interface Peer {
  /** Does what a message of the other side asks for. */
  answer(message: string): Promise<string>;
  /**
   * Makes a value ready to travel. Functions, promises, streams, async iterables and abort signals stay where they are, and are
   * called from the other side; plain objects, arrays, bytes, errors and primitives are copied.
   */
  encode(value: unknown): unknown;
  decode(wire: unknown): unknown;
}

type Fn = (...args: unknown[]) => unknown;

interface Wire {
  t: string;
  [field: string]: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** @param carry - to the other side's `answer` */
export function createPeer(carry: Carry): Peer {
  let lastId = 0;
  const functions = new Map<number, Fn>();
  const ownErrors = new Map<number, Error>();
  const idsOfOwnErrors = new WeakMap<Error, number>();
  const idsOfTheirErrors = new WeakMap<Error, number>();
  const controllers = new Map<number, AbortController>();

  const keep = (fn: Fn): number => {
    lastId += 1;
    functions.set(lastId, fn);
    return lastId;
  };

  const call = async (id: number, args: unknown[]): Promise<unknown> => {
    const answer = JSON.parse(
      await carry(JSON.stringify({ call: id, args: args.map(encode) })),
    ) as { value?: unknown; error?: unknown };
    if ("error" in answer) throw decode(answer.error);
    return decode(answer.value);
  };

  const answer = async (message: string): Promise<string> => {
    const request = JSON.parse(message) as {
      call?: number;
      args?: unknown[];
      abort?: number;
      reason?: unknown;
    };
    if (request.abort !== undefined) {
      controllers.get(request.abort)?.abort(decode(request.reason));
      return "{}";
    }
    try {
      const fn = functions.get(request.call ?? 0);
      if (fn === undefined) throw new Error("there is no such function");
      const value = await fn(...(request.args ?? []).map(decode));
      return JSON.stringify({ value: encode(value) });
    } catch (error) {
      return JSON.stringify({ error: encode(error) });
    }
  };

  const encodeError = (error: Error): Wire => {
    const theirs = idsOfTheirErrors.get(error);
    if (theirs !== undefined) return { t: "yourError", id: theirs };
    let id = idsOfOwnErrors.get(error);
    if (id === undefined) {
      lastId += 1;
      id = lastId;
      idsOfOwnErrors.set(error, id);
      ownErrors.set(id, error);
    }
    return {
      t: "error",
      id,
      name: error.name,
      message: error.message,
      stack: error.stack,
      ...(error.cause !== undefined && { cause: encode(error.cause) }),
      ...(error instanceof CarryoverError && { carryover: error.code }),
    };
  };

  const encodeSignal = (signal: AbortSignal): Wire => {
    lastId += 1;
    const id = lastId;
    signal.addEventListener(
      "abort",
      () => {
        const reason = encode(signal.reason);
        // Whoever waits for the call hears of a lost connection there.
        carry(JSON.stringify({ abort: id, reason })).catch(() => undefined);
      },
      { once: true },
    );
    return {
      t: "signal",
      id,
      ...(signal.aborted && { reason: encode(signal.reason) }),
    };
  };

  const encodeReadable = (stream: ReadableStream<unknown>): Wire => {
    const reader = stream.getReader();
    return {
      t: "readable",
      read: keep(() => reader.read()),
      cancel: keep((reason) => reader.cancel(reason)),
    };
  };

  const encodeWritable = (stream: WritableStream<unknown>): Wire => {
    const writer = stream.getWriter();
    return {
      t: "writable",
      write: keep((chunk) => writer.write(chunk)),
      close: keep(() => writer.close()),
      abort: keep((reason) => writer.abort(reason)),
    };
  };

  const encodePromise = (promise: Promise<unknown>): Wire => {
    // Whoever does not wait for it does not hear of its end.
    promise.catch(() => undefined);
    return { t: "promise", end: keep(() => promise) };
  };

  const encodeIterable = (iterable: AsyncIterable<unknown>): Wire => {
    const iterator = iterable[Symbol.asyncIterator]();
    return {
      t: "iterable",
      next: keep(() => iterator.next()),
      return: keep(() => iterator.return?.()),
    };
  };

  const encode = (value: unknown): unknown => {
    if (value === null || ["string", "boolean"].includes(typeof value))
      return value;
    if (typeof value === "number")
      return Number.isFinite(value) ? value : { t: "number", text: `${value}` };
    if (value === undefined) return { t: "undefined" };
    if (typeof value === "bigint") return { t: "bigint", text: `${value}` };
    if (typeof value === "function")
      return { t: "function", id: keep(value as Fn) };
    if (value instanceof Uint8Array) return { t: "bytes", text: toText(value) };
    if (Array.isArray(value)) return value.map(encode);
    if (value instanceof Error) return encodeError(value);
    if (value instanceof Promise) return encodePromise(value);
    if (value instanceof AbortSignal) return encodeSignal(value);
    if (value instanceof ReadableStream) return encodeReadable(value);
    if (value instanceof WritableStream) return encodeWritable(value);
    if (isObject(value) && Symbol.asyncIterator in value)
      return encodeIterable(value as unknown as AsyncIterable<unknown>);
    if (isDomException(value)) return encodeError(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw new Error("only plain objects travel between Node and the page");
    return {
      t: "object",
      fields: Object.entries(value).map(([name, field]) => [
        name,
        encode(field),
      ]),
    };
  };

  const decodeError = (wire: Wire): Error => {
    const options = "cause" in wire ? { cause: decode(wire["cause"]) } : {};
    const message = String(wire["message"]);
    let error: Error;
    if (typeof wire["carryover"] === "string")
      error = new CarryoverError(
        wire["carryover"] as CarryoverErrorCode,
        message,
        options,
      );
    else {
      error = new Error(message, options);
      error.name = String(wire["name"]);
    }
    error.stack = `${error.name}: ${message}\n    on the other side:\n${String(wire["stack"])}`;
    idsOfTheirErrors.set(error, Number(wire["id"]));
    return error;
  };

  const decodeSignal = (wire: Wire): AbortSignal => {
    const controller = new AbortController();
    controllers.set(Number(wire["id"]), controller);
    if ("reason" in wire) controller.abort(decode(wire["reason"]));
    return controller.signal;
  };

  const remote =
    (id: unknown): Fn =>
    (...args) =>
      call(Number(id), args);

  const decodeReadable = (wire: Wire): ReadableStream<unknown> => {
    const read = remote(wire["read"]);
    return new ReadableStream<unknown>(
      {
        pull: async (controller) => {
          const { done, value } = (await read()) as {
            done: boolean;
            value: unknown;
          };
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async (reason) => void (await remote(wire["cancel"])(reason)),
      },
      { highWaterMark: 0 },
    );
  };

  const decodeWritable = (wire: Wire): WritableStream<unknown> =>
    new WritableStream<unknown>({
      write: async (chunk) => void (await remote(wire["write"])(chunk)),
      close: async () => void (await remote(wire["close"])()),
      abort: async (reason) => void (await remote(wire["abort"])(reason)),
    });

  const decodePromise = (wire: Wire): Promise<unknown> => {
    const promise = Promise.resolve(remote(wire["end"])());
    promise.catch(() => undefined);
    return promise;
  };

  const decodeIterable = (wire: Wire): AsyncIterable<unknown> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => remote(wire["next"])() as Promise<IteratorResult<unknown>>,
      return: async (value?: unknown) => {
        await remote(wire["return"])();
        return { done: true, value };
      },
    }),
  });

  const decode = (wire: unknown): unknown => {
    if (Array.isArray(wire)) return wire.map(decode);
    if (!isObject(wire)) return wire;
    const tagged = wire as Wire;
    switch (tagged.t) {
      case "undefined":
        return undefined;
      case "number":
        return Number(tagged["text"]);
      case "bigint":
        return BigInt(String(tagged["text"]));
      case "bytes":
        return toBytes(String(tagged["text"]));
      case "function":
        return remote(tagged["id"]);
      case "error":
        return decodeError(tagged);
      case "yourError":
        return ownErrors.get(Number(tagged["id"]));
      case "signal":
        return decodeSignal(tagged);
      case "readable":
        return decodeReadable(tagged);
      case "writable":
        return decodeWritable(tagged);
      case "promise":
        return decodePromise(tagged);
      case "iterable":
        return decodeIterable(tagged);
      case "object":
        return Object.fromEntries(
          (tagged["fields"] as [string, unknown][]).map(([name, field]) => [
            name,
            decode(field),
          ]),
        );
      default:
        throw new Error(`nothing known travels as ${tagged.t}`);
    }
  };

  return { answer, encode, decode };
}

/** Node's abort reasons are of a class of their own, which is an `Error` there and may be none here. */
function isDomException(value: unknown): value is Error {
  return typeof DOMException !== "undefined" && value instanceof DOMException;
}

const chunkChars = 0x8000;

function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunkChars)
    text += String.fromCharCode(...bytes.subarray(at, at + chunkChars));
  return btoa(text);
}

function toBytes(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1)
    bytes[at] = binary.charCodeAt(at);
  return bytes;
}
