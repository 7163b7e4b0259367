import type {
  SdkClient,
  SdkMessage,
  SdkStream,
  SdkStreamOptions,
} from "@carryover/xmtp-shared";
import { describe, expect, it } from "vitest";
import { openStream } from "./open-stream.js";

/** The one method that is used here, as the SDK has it: its `end` fails inside once the connection is gone. */
function clientWith(
  streamAllMessages: (options: SdkStreamOptions) => Promise<SdkStream>,
): SdkClient {
  return {
    conversations: { streamAllMessages },
  } as Partial<SdkClient> as SdkClient;
}

const never = new Promise<never>(() => undefined);
const quiet = (end: () => Promise<void>): SdkStream => ({
  isDone: false,
  next: () => never,
  end,
});

describe("a stream of the browser SDK", () => {
  it("gives what arrives", async () => {
    const message = { id: "1" } as SdkMessage;
    const stream = await openStream(
      clientWith(async () => ({
        ...quiet(async () => undefined),
        next: async () => ({ done: false, value: message }),
      })),
      [0, 1, 2],
    );
    expect(stream.isDone).toBe(false);
    expect(await stream.next()).toEqual({ done: false, value: message });
  });

  it("rejects when there is no connection to be had", async () => {
    const problem = new Error("no network");
    await expect(
      openStream(
        clientWith(async ({ onError }) => {
          onError?.(problem);
          return quiet(async () => undefined);
        }),
        [1],
      ),
    ).rejects.toMatchObject({ cause: problem });
  });

  it("ends when its connection does, and leaves the SDK's stream alone then", async () => {
    let fail: (() => void) | undefined;
    let ended = 0;
    const stream = await openStream(
      clientWith(async ({ onFail }) => {
        fail = onFail;
        return quiet(async () => {
          ended += 1;
        });
      }),
      [1],
    );
    const next = stream.next();
    fail?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(stream.isDone).toBe(true);
    await stream.end();
    expect(ended).toBe(0);
  });

  it("ends the SDK's stream once when it is ended here", async () => {
    let ended = 0;
    const stream = await openStream(
      clientWith(async () =>
        quiet(async () => {
          ended += 1;
        }),
      ),
      [1],
    );
    const next = stream.next();
    await stream.end();
    await stream.end();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(ended).toBe(1);
  });

  it("goes on after a message that could not be read", async () => {
    let report: ((error: Error) => void) | undefined;
    const stream = await openStream(
      clientWith(async ({ onError }) => {
        report = onError;
        return quiet(async () => undefined);
      }),
      [1],
    );
    report?.(new Error("not decodable"));
    expect(stream.isDone).toBe(false);
  });
});
