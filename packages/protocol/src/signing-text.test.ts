import { expect, it } from "vitest";
import { signingText } from "./signing-text.js";
import { channelId, inboxId, requester } from "./testing/samples.js";
import { utf8 } from "./testing/wire-bytes.js";

it("is five lines without one at the end", () => {
  const place = {
    inboxId,
    channelId,
    senderInstallationId: requester.installationId,
  };
  expect(signingText(place, utf8("abc"))).toBe(
    `XIP-31 message, version 1
inbox: a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1
channel: c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4
installation: 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c
payload-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad`,
  );
});
