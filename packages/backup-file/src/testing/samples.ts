import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { hexToBytes } from "@noble/hashes/utils.js";
import { createMetadataElement } from "../archive/metadata.js";
import { elementRecord } from "../element/record.js";
import type { BackupElementRecord } from "../element/view.js";
import { BackupElementSchema } from "../gen/device_sync/device_sync_pb.js";
import type { MessageBackupHeaderInput } from "../plain/types.js";

/** A record of any element. */
export const sampleElement = (
  element: MessageInitShape<typeof BackupElementSchema>["element"],
): BackupElementRecord =>
  elementRecord(
    toBinary(
      BackupElementSchema,
      create(BackupElementSchema, element === undefined ? {} : { element }),
    ),
  );

const hex = (prefix: string, n: number, bytes: number): string =>
  (prefix + n.toString(16).padStart(bytes * 2 - prefix.length, "0")).slice(
    0,
    bytes * 2,
  );

/** The id of the n-th sample conversation. */
export const conversationId = (n: number): string => hex("c0", n, 16);
/** The inbox that sample backups are of. */
export const ownerInboxId = "0a".repeat(32);

/** The n-th sample conversation: even ones are groups, odd ones DMs. */
export const sampleGroup = (n: number): BackupElementRecord =>
  sampleElement({
    case: "group",
    value: {
      id: hexToBytes(conversationId(n)),
      createdAtNs: 1_700_000_000_000_000_000n + BigInt(n),
      membershipState: 1,
      addedByInboxId: ownerInboxId,
      conversationType: n % 2 === 0 ? 1 : 2,
      ...(n % 2 === 0 ? {} : { dmId: `dm:${ownerInboxId}:${"0b".repeat(32)}` }),
      lastMessageNs: 1_700_000_100_000_000_000n,
      metadata: { creatorInboxId: ownerInboxId },
      mutableMetadata: { attributes: { group_name: `group ${n}` } },
    },
  });

/** The n-th message of a sample conversation. */
export const sampleMessage = (
  conversation: number,
  n: number,
  content: Uint8Array,
): BackupElementRecord =>
  sampleElement({
    case: "groupMessage",
    value: {
      id: hexToBytes(
        hex(`e0${(conversation % 256).toString(16).padStart(2, "0")}`, n, 32),
      ),
      groupId: hexToBytes(conversationId(conversation)),
      decryptedMessageBytes: content,
      sentAtNs: 1_700_000_000_000_000_000n + BigInt(n) * 1_000_000_000n,
      kind: 1,
      senderInstallationId: hexToBytes("1a".repeat(32)),
      senderInboxId: ownerInboxId,
      deliveryStatus: 2,
      versionMajor: 1,
      authorityId: "xmtp.org",
      contentType: "text",
    },
  });

/** The consent given to a sample conversation. */
export const sampleConsent = (conversation: number): BackupElementRecord =>
  sampleElement({
    case: "consent",
    value: {
      entityType: 1,
      state: 2,
      entity: conversationId(conversation),
      consentedAtNs: 1_700_000_000_000_000_000n,
    },
  });

/** The metadata of sample archives. */
export const sampleMetadata = (): BackupElementRecord =>
  createMetadataElement({
    exportedAtNs: 1_700_000_200_000_000_000n,
    selection: ["messages", "consent"],
  });

/** A small whole history: metadata, groups, messages, consent. */
export const sampleHistory = (
  conversations: number,
  messagesEach: number,
): BackupElementRecord[] => {
  const elements = [sampleMetadata()];
  for (let c = 0; c < conversations; c += 1) elements.push(sampleGroup(c));
  for (let n = 0; n < messagesEach; n += 1)
    for (let c = 0; c < conversations; c += 1)
      elements.push(
        sampleMessage(c, n, new TextEncoder().encode(`message ${n} of ${c}`)),
      );
  for (let c = 0; c < conversations; c += 1) elements.push(sampleConsent(c));
  return elements;
};

/** What sample files say of themselves. */
export const sampleHeader: MessageBackupHeaderInput = {
  producer: { name: "carryover-test", version: "0.0.0", xmtpVersion: "none" },
  createdAtNs: 1_700_000_300_000_000_000n,
  inboxId: ownerInboxId,
  scope: {
    startNs: undefined,
    endNs: undefined,
    elements: ["messages", "consent"],
    disappearingMessages: "excluded",
  },
};
