import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeCall, type Reach } from "./network-rules.js";

const mls = (method: string) => `/xmtp.mls.api.v1.MlsApi/${method}`;
const identity = (method: string) =>
  `/xmtp.identity.api.v1.IdentityApi/${method}`;

const reachOf = (change: Partial<Reach> = {}): Reach => ({
  keyPackage: "refused",
  mayWriteTo: () => false,
  otherwise: "error",
  ...change,
});

const own = "ab".repeat(16);
const foreign = "cd".repeat(16);

/** `SendGroupMessages` into groups with ids of 16 bytes. */
const send = (...groupIds: string[]) => {
  const message = groupIds.flatMap((id) => {
    const mlsMessage = [0, 1, 0, 2, 16, ...Buffer.from(id, "hex"), 1];
    const v1 = [10, mlsMessage.length, ...mlsMessage];
    return [10, v1.length + 2, 10, v1.length, ...v1];
  });
  return Uint8Array.of(0, 0, 0, 0, message.length, ...message);
};

const judge = (
  path: string,
  reach: Partial<Reach> = {},
  body: Uint8Array | undefined = send(foreign),
) => judgeCall(path, reachOf(reach), async () => body);

describe("judgeCall", () => {
  it.each([
    mls("FetchKeyPackages"),
    mls("QueryGroupMessages"),
    mls("QueryWelcomeMessages"),
    mls("SubscribeGroupMessages"),
    mls("SubscribeWelcomeMessages"),
    mls("Subscribe"),
    mls("BatchQueryCommitLog"),
    mls("GetNewestGroupMessage"),
    identity("GetIdentityUpdates"),
    identity("GetInboxIds"),
    identity("VerifySmartContractWalletSignatures"),
  ])("lets %s through, unread", async (path) => {
    const unread = () => Promise.reject(new Error("it was read"));
    expect(await judgeCall(path, reachOf(), unread)).toEqual({ kind: "pass" });
  });

  it.each([
    mls("SendGroupMessages"),
    mls("SendWelcomeMessages"),
    mls("BatchPublishCommitLog"),
  ])("refuses %s, or swallows it where that is asked for", async (path) => {
    expect(await judge(path)).toEqual({ kind: "refuse" });
    expect(await judge(path, { otherwise: "success" })).toEqual({
      kind: "swallow",
    });
  });

  it.each([
    identity("PublishIdentityUpdate"),
    mls("RegisterInstallation"),
    mls("UploadKeyPackage"),
    mls("RevokeInstallation"),
    "/xmtp.message_api.v1.MessageApi/Publish",
    "",
  ])("refuses %s, whatever else is swallowed", async (path) => {
    for (const otherwise of ["error", "success"] as const)
      expect(await judge(path, { otherwise, mayWriteTo: () => true })).toEqual({
        kind: "refuse",
      });
  });

  it("refuses every path that it does not know, and such that look like one", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (head, tail) => {
        const path = `${head}${mls("QueryGroupMessages")}${tail}`;
        if (head + tail === "") return;
        expect(await judge(path, { otherwise: "success" })).toEqual({
          kind: "refuse",
        });
      }),
    );
    for (const path of [
      mls("querygroupmessages"),
      mls("QueryGroupMessages/"),
      `/${mls("QueryGroupMessages")}`,
      mls("../MlsApi/QueryGroupMessages"),
      identity("QueryGroupMessages"),
    ])
      expect(await judge(path)).toEqual({ kind: "refuse" });
  });

  it("lets a key package through where it may be renewed, and nothing more", async () => {
    const reach = { keyPackage: "allowed" } as const;
    expect(await judge(mls("UploadKeyPackage"), reach)).toEqual({
      kind: "pass",
    });
    for (const path of [
      mls("SendGroupMessages"),
      identity("PublishIdentityUpdate"),
    ])
      expect(await judge(path, reach)).toEqual({ kind: "refuse" });
  });

  it("lets messages through that go into allowed groups alone, with the bytes that were read", async () => {
    const mayWriteTo = (groupId: string) => groupId === own;
    const path = mls("SendGroupMessages");
    const body = send(own, own);
    expect(await judge(path, { mayWriteTo }, body)).toEqual({
      kind: "pass",
      body,
    });
    for (const other of [send(foreign), send(own, foreign), send(foreign, own)])
      expect(await judge(path, { mayWriteTo }, other)).toEqual({
        kind: "refuse",
      });
  });

  it("lets nothing through that it could not read, also where every group is allowed", async () => {
    const reach = { mayWriteTo: () => true };
    const path = mls("SendGroupMessages");
    expect(
      await judgeCall(path, reachOf(reach), async () => undefined),
    ).toEqual({ kind: "refuse" });
    for (const body of [
      new Uint8Array(),
      new Uint8Array(5),
      send(own).subarray(0, -1),
    ])
      expect(await judge(path, reach, body)).toEqual({ kind: "refuse" });
  });
});
