import type { SdkClient, SdkStream } from "@carryover/xmtp-shared";

/** The longest that a timer can wait, milliseconds: 24 days. */
const longestDelayMs = 2 ** 31 - 1;

/**
 * Opens a stream that ends when its connection does. The SDK's own retries do not tell of the gap; told not to retry, it
 * throws where nobody can catch it. So it is told to retry much later, and its stream is left alone once it has failed:
 * ending it then is an unhandled rejection inside the SDK.
 */
export async function openStream(
  client: SdkClient,
  consentStates: number[],
): Promise<SdkStream> {
  let state: "opening" | "open" | "over" = "opening";
  let problem: unknown;
  let fail: () => void = () => undefined;
  const failed = new Promise<{ done: true; value: undefined }>((resolve) => {
    fail = () => {
      state = "over";
      resolve({ done: true, value: undefined });
    };
  });
  // Here the SDK fetches new conversations alone before it streams. What was missed has to be there when it is told of.
  await client.conversations.syncAll(consentStates);
  const stream = await client.conversations.streamAllMessages({
    consentStates,
    retryOnFail: true,
    retryDelay: longestDelayMs,
    onFail: () => fail(),
    onError: (error) => {
      problem = error;
      // Later ones are of single messages.
      if (state === "opening") fail();
    },
  });
  if ((state as string) === "over")
    throw new Error("the stream could not be opened", { cause: problem });
  state = "open";
  return {
    get isDone() {
      return state === "over" || stream.isDone;
    },
    next: () => Promise.race([stream.next(), failed]),
    end: async () => {
      if (state === "over") return;
      fail();
      await stream.end();
    },
  };
}
