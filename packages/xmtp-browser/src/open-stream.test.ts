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
    conversations: { streamAllMessages, syncAll: async () => undefined },
  } as unknown as SdkClient;
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

  it("has fetched what was missed before it is open, and rejects when it cannot", async () => {
    const calls: string[] = [];
    const { conversations } = clientWith(async () => {
      calls.push("stream");
      return quiet(async () => undefined);
    });
    conversations.syncAll = async (states) => {
      calls.push(`sync ${states.join()}`);
      if (calls.length > 2) throw new Error("no network");
    };
    const client = { conversations } as unknown as SdkClient;
    await openStream(client, [0, 1, 2]);
    expect(calls).toEqual(["sync 0,1,2", "stream"]);
    await expect(openStream(client, [0, 1, 2])).rejects.toThrow("no network");
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
