// Made-up histories for measurements: short English texts in forty conversations, encoded as XMTP does.
import { randomBytes } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { createMetadataElement, elementRecord } from "../dist/index.js";
import { BackupElementSchema } from "../dist/gen/device_sync/device_sync_pb.js";

const words =
  "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part".split(
    " ",
  );
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const text = (length) => {
  let out = "";
  while (out.length < length) out += `${pick(words)} `;
  return out.slice(0, length);
};

const element = (value) =>
  elementRecord(
    toBinary(
      BackupElementSchema,
      create(BackupElementSchema, { element: value }),
    ),
  );

/** An EncodedContent of type xmtp.org/text:1.0. */
const encodedText = (content) => {
  const bytes = Buffer.from(content);
  const length =
    bytes.length < 128
      ? [bytes.length]
      : [(bytes.length & 127) | 128, bytes.length >> 7];
  return new Uint8Array(
    Buffer.concat([
      Buffer.from("0a140a08", "hex"),
      Buffer.from("xmtp.org"),
      Buffer.from([0x12, 4]),
      Buffer.from("text"),
      Buffer.from([0x18, 1, 0x20, 0, 0x12, 0x11, 0x0a, 8]),
      Buffer.from("encoding"),
      Buffer.from([0x12, 5]),
      Buffer.from("UTF-8"),
      Buffer.from([0x22, ...length]),
      bytes,
    ]),
  );
};

/**
 * Metadata, conversations, then messages.
 *
 * @param {number} messages how many
 * @param {number} meanTextBytes their texts have ten bytes to twice this
 */
export function* makeHistory(messages, meanTextBytes = 80) {
  const groups = Array.from({ length: 40 }, () => randomBytes(16));
  const people = Array.from({ length: 60 }, () => ({
    inboxId: randomBytes(32).toString("hex"),
    installationId: randomBytes(32),
  }));
  yield createMetadataElement({
    exportedAtNs: 1_700_000_000_000_000_000n,
    selection: ["messages", "consent"],
  });
  for (const id of groups)
    yield element({
      case: "group",
      value: {
        id,
        createdAtNs: 1_700_000_000_000_000_000n,
        membershipState: 1,
        conversationType: 1,
        addedByInboxId: people[0].inboxId,
        metadata: { creatorInboxId: people[0].inboxId },
        mutableMetadata: { attributes: { group_name: text(12) } },
      },
    });
  let sentAtNs = 1_700_000_000_000_000_000n;
  for (let n = 0; n < messages; n += 1) {
    const sender = pick(people);
    sentAtNs += BigInt(Math.floor(Math.random() * 1e12));
    yield element({
      case: "groupMessage",
      value: {
        id: randomBytes(32),
        groupId: pick(groups),
        decryptedMessageBytes: encodedText(
          text(10 + Math.random() * 2 * meanTextBytes),
        ),
        sentAtNs,
        kind: 1,
        senderInstallationId: sender.installationId,
        senderInboxId: sender.inboxId,
        deliveryStatus: 2,
        versionMajor: 1,
        versionMinor: 0,
        authorityId: "xmtp.org",
        contentType: "text",
        sequenceId: BigInt(n),
        originatorId: 0n,
      },
    });
  }
}

/** What a made-up file says of itself. */
export const header = {
  producer: { name: "carryover-measure", version: "0", xmtpVersion: "" },
  createdAtNs: 1_700_000_000_000_000_000n,
  inboxId: "0a".repeat(32),
  scope: {
    startNs: undefined,
    endNs: undefined,
    elements: ["messages", "consent"],
    disappearingMessages: "excluded",
  },
};
