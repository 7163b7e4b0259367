import type { BackupMessage, Clock } from "@carryover/client";
import { asBackupMessage } from "./backup-message.js";
import type { SdkClient, SdkStream } from "./sdk-client.js";
import type { SdkDialect } from "./sdk-dialect.js";
import { everyConsentState } from "./sdk-values.js";

/** What the engine is told by the stream. */
export type ChannelEvent =
  { kind: "message"; message: BackupMessage } | { kind: "gap" };

/** Pauses between attempts to connect, milliseconds: doubled up to the longest. */
const shortestPauseMs = 500;
const longestPauseMs = 30_000;

/** After which an attempt to connect is given up: a network that just returned may leave the library waiting. */
const connectTimeoutMs = 30_000;

/**
 * Backup messages of every conversation as they arrive. A lost connection is made again until the signal aborts; each
 * new one begins with a `gap`, since the SDK does not tell of what arrived meanwhile.
 */
export async function* streamBackupMessages(
  client: SdkClient,
  {
    clock,
    dialect,
    signal,
  }: { clock: Clock; dialect: SdkDialect; signal: AbortSignal },
): AsyncGenerator<ChannelEvent, void, undefined> {
  let pauseMs = shortestPauseMs;
  while (!signal.aborted) {
    const stream = await connect(
      () => dialect.openStream(client, everyConsentState),
      signal,
    );
    if (stream !== undefined) {
      pauseMs = shortestPauseMs;
      yield* readConnection(stream, signal);
    }
    if (signal.aborted) return;
    await clock.wait(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

/** @returns `undefined` when there is no connection to be had now */
async function connect(
  open: () => Promise<SdkStream>,
  signal: AbortSignal,
): Promise<SdkStream | undefined> {
  const connecting = open();
  const stream = await unlessAborted(
    connecting,
    AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]),
  );
  if (stream === undefined) {
    // Nobody waits for it any more: whenever it comes, it ends.
    connecting.then(
      (late) => late.end(),
      () => undefined,
    );
    return undefined;
  }
  return stream.isDone ? undefined : stream;
}

async function* readConnection(
  stream: SdkStream,
  signal: AbortSignal,
): AsyncGenerator<ChannelEvent, void, undefined> {
  // A stream whose client was closed has nothing left to end.
  const end = () => void stream.end().catch(() => undefined);
  signal.addEventListener("abort", end, { once: true });
  try {
    if (signal.aborted) return;
    yield { kind: "gap" };
    for (;;) {
      const { done, value } = await stream.next();
      if (done === true || signal.aborted) return;
      const message = value && asBackupMessage(value);
      if (message !== undefined) yield { kind: "message", message };
    }
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise.catch(() => undefined), aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
