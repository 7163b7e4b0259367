import { CarryoverError } from "@carryover/client";
import {
  parseMembers,
  refused,
  type StorageAnswer,
  stopped,
  unavailable,
} from "@carryover/xmtp-shared";
import type { FetchLimits } from "./fetch-limits.js";
import { parseStorageTarget } from "./storage-url.js";

/** One request. */
export interface StorageRequest {
  method: "POST" | "GET" | "DELETE";
  headers?: Record<string, string>;
  body?: string | Blob;
  signal?: AbortSignal | undefined;
}

/** An answer whose body is still on its way. */
export interface FetchAnswer extends StorageAnswer {
  readonly headers: Headers;
  /** The body as it arrives, at the reader's pace. Fails with `storageUnavailable` or `aborted`. */
  stream(): ReadableStream<Uint8Array>;
}

/**
 * Sends one request and waits for the answer's headers. Nothing is followed or repeated; no cookie, no address of the page
 * and nothing from a cache goes along.
 *
 * @throws {CarryoverError} `storageUnavailable`, `storageRefused`, `redirectRefused`, `privateAddress`, `aborted`, …
 */
export async function sendRequest(
  value: string,
  { method, headers, body, signal }: StorageRequest,
  limits: FetchLimits,
): Promise<FetchAnswer> {
  if (signal?.aborted === true) throw stopped(signal);
  const url = parseStorageTarget(value);
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal?.addEventListener("abort", abort, { once: true });
  const finish = () => signal?.removeEventListener("abort", abort);
  const failure = (what: string, cause: unknown): CarryoverError => {
    if (signal?.aborted === true) return stopped(signal);
    if (cause instanceof CarryoverError) return cause;
    return unavailable(what, cause);
  };
  try {
    const response = await within(
      answerTimeout(body, limits),
      controller,
      fetch(url, {
        method,
        ...(headers && { headers }),
        ...(body !== undefined && { body }),
        signal: controller.signal,
        mode: "cors",
        credentials: "omit",
        cache: "no-store",
        // Not followed, and told from a network that is away.
        redirect: "manual",
        referrerPolicy: "no-referrer",
      }),
    );
    if (
      response.type === "opaqueredirect" ||
      (response.status >= 300 && response.status < 400)
    )
      throw new CarryoverError(
        "redirectRefused",
        "the storage service answers with a redirect",
      );
    const drop = () => {
      finish();
      controller.abort();
    };
    const stream = () =>
      streamBody(response, controller, {
        idleTimeoutMs: limits.idleTimeoutMs,
        signal,
        finish,
        failure,
      });
    return {
      status: response.status,
      headers: response.headers,
      drop,
      stream,
      readJson: async () => parseMembers(await readText(stream(), limits)),
    };
  } catch (error) {
    finish();
    throw failure("the storage service cannot be reached", error);
  }
}

function answerTimeout(
  body: string | Blob | undefined,
  { answerTimeoutMs, slowestUploadBytesPerSecond }: FetchLimits,
): number {
  const bytes = body instanceof Blob ? body.size : 0;
  return answerTimeoutMs + (bytes / slowestUploadBytesPerSecond) * 1_000;
}

/** Ends the request when nothing came in time. */
async function within<T>(
  milliseconds: number,
  controller: AbortController,
  promise: Promise<T>,
): Promise<T> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, milliseconds);
  try {
    return await promise;
  } catch (error) {
    if (late) throw unavailable(`no sign of life in ${milliseconds} ms`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function streamBody(
  response: Response,
  controller: AbortController,
  {
    idleTimeoutMs,
    signal,
    finish,
    failure,
  }: {
    idleTimeoutMs: number;
    signal: AbortSignal | undefined;
    finish: () => void;
    failure: (what: string, cause: unknown) => CarryoverError;
  },
): ReadableStream<Uint8Array> {
  const reader = (response.body ?? new Blob().stream()).getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        try {
          const { done, value } = await within(
            idleTimeoutMs,
            controller,
            reader.read(),
          );
          // Browsers go on giving out what has arrived, and end, when the request is aborted.
          signal?.throwIfAborted();
          if (!done) {
            stream.enqueue(value);
            return;
          }
          finish();
          stream.close();
        } catch (error) {
          finish();
          throw failure("the download broke off", error);
        }
      },
      cancel: async (reason) => {
        finish();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

async function readText(
  body: ReadableStream<Uint8Array>,
  { maxJsonBytes, answerTimeoutMs }: FetchLimits,
): Promise<string> {
  const decoder = new TextDecoder();
  const deadline = performance.now() + answerTimeoutMs;
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (performance.now() > deadline)
      throw unavailable("the storage service answers too slowly");
    if (bytes > maxJsonBytes)
      throw refused("the storage service answers with too much");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
