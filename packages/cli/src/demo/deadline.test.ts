import type { Carryover } from "@carryover/client";
import { expect, it } from "vitest";
import { nextInboundRequest } from "./deadline.js";

it("a person who stops the demo is not told that the request did not arrive", async () => {
  // The one thing under test is who ended the wait: nothing ever arrives here.
  const carryover = {
    subscribe: () => () => undefined,
    listInboundBackupRequests: () => Promise.resolve([]),
  } as unknown as Carryover;
  const stop = new AbortController();
  const waiting = nextInboundRequest(carryover, "none", stop.signal);
  const reason = new Error("Ctrl-C");
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});
