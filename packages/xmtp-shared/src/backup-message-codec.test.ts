import { randomBytes } from "node:crypto";
import {
  backupMessageContentType,
  createRequestId,
  createVerificationPin,
  encodeEnvelope,
  encodePadlockMessagePayload,
  type PadlockMessagePayload,
  parseInstallationId,
  wholeHistory,
} from "@carryover/protocol";
import { describe, expect, it } from "vitest";
import { backupMessageCodec } from "./backup-message-codec.js";

const requestId = createRequestId(randomBytes);

const sealed = (payload: PadlockMessagePayload) =>
  encodeEnvelope({
    payload: encodePadlockMessagePayload(payload),
    senderInstallationId: parseInstallationId("a1".repeat(32)),
    headerSignature: new Uint8Array(64).fill(1),
  });

describe("the codec of backup messages", () => {
  it("carries bytes as they are", () => {
    for (const content of [new Uint8Array(0), Uint8Array.of(0, 255)]) {
      const encoded = backupMessageCodec.encode(content);
      expect(encoded).toEqual({
        type: backupMessageContentType,
        parameters: {},
        content,
      });
      expect(backupMessageCodec.decode(encoded)).toBe(content);
    }
  });

  it("has no text of its own", () => {
    expect(backupMessageCodec.fallback(new Uint8Array(0))).toBeUndefined();
  });

  it("wakes nobody for bytes that say nothing", () => {
    for (const content of [
      new Uint8Array(0),
      Uint8Array.of(1, 2, 3),
      "text",
      null,
    ])
      expect(backupMessageCodec.shouldPush(content)).toBe(false);
  });

  it("wakes devices for a request and for nothing else", () => {
    const request = sealed({
      kind: "request",
      request: {
        requestId,
        verificationPin: createVerificationPin(randomBytes),
        uploadUrl: "https://backups.example.org/backups?ticket=x",
        recipientInstallationId: parseInstallationId("b2".repeat(32)),
        responseRecipient:
          "age10gdyuuym7zz6cj22hgzxnwd3aks2k8mck942hdullmdfqc37s53qf5r2e0",
        createdAtNs: 1n,
        expiresAtNs: 2n,
        appName: "App",
        scope: wholeHistory,
        backupFileVersions: [1],
      },
    });
    expect(backupMessageCodec.shouldPush(request)).toBe(true);
    const response = sealed({
      kind: "response",
      response: { requestId, sealedResponse: Uint8Array.of(1) },
    });
    expect(backupMessageCodec.shouldPush(response)).toBe(false);
  });
});
