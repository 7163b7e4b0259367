import { encodePadlockMessagePayload } from "../../padlock-message-payload.js";
import { type MessagePlace, signingText } from "../../signing-text.js";
import { addGroupOrder, universalSignature } from "../odd-keys.js";
import {
  channelId,
  inboxId,
  provider,
  requester,
  samplePayloads,
} from "../samples.js";
import { bytesField, concat, fromHex } from "../wire-bytes.js";
import { type Expected, toVectorJson } from "./vector.js";

const payload = encodePadlockMessagePayload(samplePayloads.decline);
const place: MessagePlace = {
  inboxId,
  channelId,
  senderInstallationId: requester.installationId,
};
const signature = requester.sign(signingText(place, payload));

const envelope = (
  change: {
    signature?: Uint8Array;
    payload?: Uint8Array;
    sender?: string;
  } = {},
) =>
  concat(
    bytesField(1, bytesField(1, change.signature ?? signature)),
    bytesField(16, change.payload ?? payload),
    bytesField(17, fromHex(change.sender ?? requester.installationId)),
  );

const flip = (bytes: Uint8Array, at: number) =>
  Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte));

const value = toVectorJson({
  payload,
  senderInstallationId: requester.installationId,
  headerSignature: signature,
});

interface EnvelopeCase {
  name: string;
  content: Uint8Array;
  inboxId?: string;
  channelId?: string;
  expected: Expected;
}

const badSignature = { error: "badSignature" } as const;

const cases: EnvelopeCase[] = [
  {
    name: "decline",
    content: envelope(),
    expected: { value, unknownFields: [] },
  },
  {
    name: "fields of a later version, which the signature does not cover",
    content: concat(envelope(), bytesField(18, fromHex("00"))),
    expected: { value, unknownFields: ["envelope#18"] },
  },
  {
    name: "moved to another inbox",
    content: envelope(),
    inboxId: "a2".repeat(32),
    expected: badSignature,
  },
  {
    name: "moved to another channel",
    content: envelope(),
    channelId: "c5".repeat(16),
    expected: badSignature,
  },
  {
    name: "in the name of another installation",
    content: envelope({ sender: provider.installationId }),
    expected: badSignature,
  },
  {
    name: "signed by another installation",
    content: envelope({
      signature: provider.sign(signingText(place, payload)),
    }),
    expected: badSignature,
  },
  {
    name: "another payload",
    content: envelope({
      payload: encodePadlockMessagePayload(samplePayloads.contactBundle),
    }),
    expected: badSignature,
  },
  {
    name: "one bit of the payload flipped",
    content: envelope({ payload: flip(payload, payload.length - 1) }),
    expected: badSignature,
  },
  {
    name: "one bit of the signature flipped",
    content: envelope({ signature: flip(signature, 0) }),
    expected: badSignature,
  },
  {
    name: "group order added to the signature's scalar",
    content: envelope({ signature: addGroupOrder(signature) }),
    expected: badSignature,
  },
  {
    name: "key of order 1, and a signature that fits every text",
    content: envelope({
      sender: `01${"00".repeat(31)}`,
      signature: universalSignature,
    }),
    expected: badSignature,
  },
  {
    name: "signature of 63 bytes",
    content: envelope({ signature: signature.subarray(1) }),
    expected: { error: "invalidField" },
  },
  {
    name: "sender of 31 bytes",
    content: envelope({ sender: requester.installationId.slice(2) }),
    expected: { error: "invalidField" },
  },
  {
    name: "no signature",
    content: concat(
      bytesField(16, payload),
      bytesField(17, fromHex(requester.installationId)),
    ),
    expected: { error: "missingField" },
  },
  {
    name: "no payload",
    content: envelope({ payload: new Uint8Array() }),
    expected: { error: "missingField" },
  },
  {
    name: "payload given twice",
    content: concat(envelope(), bytesField(16, payload)),
    expected: { error: "malformed" },
  },
  {
    name: "cut by one byte",
    content: envelope().subarray(0, -1),
    expected: { error: "malformed" },
  },
  {
    name: "a byte behind it",
    content: concat(envelope(), fromHex("00")),
    expected: { error: "malformed" },
  },
];

export const envelopeVectors = {
  about:
    "Content of backup messages as it arrives in a channel of an inbox, and what a receiver reads once it has verified the signature. The requester's Ed25519 secret key is 32 times 01, the provider's 32 times 02.",
  signingText: signingText(place, payload),
  cases: cases.map(({ name, content, expected, ...where }) => ({
    name,
    inboxId: where.inboxId ?? inboxId,
    channelId: where.channelId ?? channelId,
    content: toVectorJson(content),
    expected,
  })),
};
