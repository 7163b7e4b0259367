import {
  encodeEnvelope,
  maxBackupMessageBytes,
  parseChannelId,
  parseEnvelope,
} from "@carryover/protocol";
import { expect, test } from "vitest";
import {
  createPorts,
  messageOf,
  requestPayload,
} from "../testing/engine-fixture.js";
import {
  channelId,
  inboxId,
  other,
  signedBy,
  strangerInboxId,
  third,
} from "../testing/installations.js";
import type { MemoryConversation } from "../testing/memory-channels.js";
import { readBackupMessage } from "./read-backup-message.js";

const elsewhere = parseChannelId("e5".repeat(16));
const good = signedBy(other, requestPayload());

/** Reads one message in a conversation that differs in one thing from a private channel. */
async function readIn(
  conversation: Partial<MemoryConversation>,
  message = messageOf(good),
) {
  const { channels, installation, network } = createPorts();
  const known = channels.conversations.get(channelId);
  if (known === undefined) throw new Error("no channel");
  Object.assign(known, conversation);
  const outcome = await readBackupMessage({ channels, installation }, message);
  expect(network.calls, "no network call").toEqual([]);
  return outcome.kind === "ignored" ? outcome.reason : outcome;
}

test("a signed message in a private channel is read", async () => {
  expect(await readIn({})).toMatchObject({
    kind: "signed",
    message: {
      channelId,
      senderInstallationId: other.installationId,
      payload: { kind: "request" },
    },
  });
});

test.each<[string, Partial<MemoryConversation>]>([
  ["a DM", { kind: "dm" }],
  ["a group that is not marked", { callId: undefined }],
  [
    "a group with somebody else",
    { memberInboxIds: [inboxId, strangerInboxId] },
  ],
  ["a group of somebody else", { memberInboxIds: [strangerInboxId] }],
  ["a group whose members nobody knows", { memberInboxIds: [] }],
])(
  "security rule 1: in %s the bytes are not even parsed",
  async (_name, conversation) => {
    expect(await readIn(conversation)).toBe("notABackupChannel");
    expect(await readIn(conversation, messageOf(new Uint8Array(3)))).toBe(
      "notABackupChannel",
    );
  },
);

test("security rule 1: a conversation that is not known, or has no channel's id, is no channel", async () => {
  for (const conversationId of [elsewhere, "c4", "not hex"])
    expect(await readIn({}, messageOf(good, { conversationId }))).toBe(
      "notABackupChannel",
    );
  const { channels, installation } = createPorts();
  channels.conversations.set("c4", {
    kind: "group",
    callId: "call",
    memberInboxIds: [inboxId],
    messages: [],
  });
  expect(
    await readBackupMessage(
      { channels, installation },
      messageOf(good, { conversationId: "c4" }),
    ),
  ).toEqual({ kind: "ignored", reason: "notABackupChannel" });
});

test("security rule 1: a message of another inbox is not looked at", async () => {
  expect(
    await readIn({}, messageOf(good, { senderInboxId: strangerInboxId })),
  ).toBe("foreignSender");
});

test.each<[string, Uint8Array]>([
  [
    "for another channel",
    signedBy(other, requestPayload(), { inboxId, channelId: elsewhere }),
  ],
  [
    "for another inbox",
    signedBy(other, requestPayload(), { inboxId: strangerInboxId, channelId }),
  ],
  [
    "by another installation than it names",
    encodeEnvelope({
      ...parseEnvelope(good).value,
      senderInstallationId: third.installationId,
    }),
  ],
  [
    "of another payload",
    encodeEnvelope({
      ...parseEnvelope(good).value,
      payload: parseEnvelope(
        signedBy(other, requestPayload({ appName: "Another" })),
      ).value.payload,
    }),
  ],
  [
    "with one bit changed",
    encodeEnvelope({
      ...parseEnvelope(good).value,
      headerSignature: parseEnvelope(good).value.headerSignature.map(
        (byte, index) => (index === 40 ? byte ^ 1 : byte),
      ),
    }),
  ],
])("security rule 1: a signature %s does not count", async (_name, content) => {
  expect(await readIn({}, messageOf(content))).toBe("badSignature");
});

test.each<[string, Uint8Array]>([
  ["nothing", new Uint8Array(0)],
  ["no protobuf", new TextEncoder().encode("hello")],
  ["a cut message", good.subarray(0, good.length - 1)],
  ["more than is ever sent", new Uint8Array(maxBackupMessageBytes + 1)],
])("%s in a private channel is malformed", async (_name, content) => {
  expect(await readIn({}, messageOf(content))).toBe("malformed");
});
