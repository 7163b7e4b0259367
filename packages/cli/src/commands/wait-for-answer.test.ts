import {
  type Carryover,
  CarryoverError,
  type CarryoverEvent,
} from "@carryover/client";
import { expect, it } from "vitest";
import { waitForAnswer } from "./wait-for-answer.js";

it("does not wait on when nobody listens any more", async () => {
  let tell: (event: CarryoverEvent) => void = () => undefined;
  const error = new CarryoverError("diskError", "listening stopped");
  // The one thing under test is when the waiting ends: no answer ever comes here.
  const carryover = {
    subscribe: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
    start: () => {
      tell({ kind: "listeningStopped", error });
      return Promise.resolve();
    },
    getRemoteMessageHistoryBackupRequestStatus: () =>
      Promise.resolve({ status: "Pending", step: "awaitingResponse" }),
  } as unknown as Carryover;
  await expect(
    waitForAnswer(carryover, ["one"], new AbortController().signal),
  ).rejects.toBe(error);
});
