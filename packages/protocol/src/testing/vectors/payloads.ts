import { encodePadlockMessagePayload } from "../../padlock-message-payload.js";
import {
  hybridRecipient,
  pin,
  requestId,
  samplePayloads,
  sampleRequest,
  x25519Identity,
  x25519Recipient,
} from "../samples.js";
import {
  bytesField,
  concat,
  fromHex,
  tag,
  textField,
  utf8,
  varint,
  varintField,
} from "../wire-bytes.js";
import { type Expected, toVectorJson } from "./vector.js";

interface PayloadCase {
  name: string;
  payload: Uint8Array;
  expected: Expected;
}

/** The fields of a valid request, in wire order, by number. */
const requestFields: Record<number, Uint8Array> = {
  1: textField(1, requestId),
  2: varintField(2, 42),
  3: textField(3, sampleRequest.uploadUrl),
  16: bytesField(16, fromHex(sampleRequest.recipientInstallationId)),
  17: textField(17, x25519Recipient),
  18: varintField(18, sampleRequest.createdAtNs),
  19: varintField(19, sampleRequest.expiresAtNs),
  20: textField(20, "Example Chat"),
  21: bytesField(21, concat(varintField(3, 1), varintField(4, 1))),
  22: bytesField(22, varint(1)),
};

const shortRequest = {
  kind: "request",
  request: { ...sampleRequest, responseRecipient: x25519Recipient },
} as const;

const requestWith = (changes: Record<number, Uint8Array>) =>
  bytesField(3, concat(...Object.values({ ...requestFields, ...changes })));

const nothing = new Uint8Array();

const accepted = (
  name: string,
  payload: Uint8Array,
  value: unknown,
  unknownFields: string[] = [],
): PayloadCase => ({
  name,
  payload,
  expected: { value: toVectorJson(value), unknownFields },
});

const refused = (
  name: string,
  error: "malformed" | "unknownContents" | "missingField" | "invalidField",
  payload: Uint8Array,
): PayloadCase => ({ name, payload, expected: { error } });

const scope = (...fields: Uint8Array[]) => ({
  21: bytesField(21, concat(...fields)),
});

const decline = (...fields: Uint8Array[]) => bytesField(16, concat(...fields));

const cases: PayloadCase[] = [
  accepted("request", requestWith({}), shortRequest),
  accepted(
    "request with a hybrid response recipient",
    encodePadlockMessagePayload(samplePayloads.request),
    samplePayloads.request,
  ),
  accepted(
    "request with fields in another order",
    bytesField(3, concat(...Object.values(requestFields).reverse())),
    shortRequest,
  ),
  accepted("request with PIN 0000", requestWith({ 2: varintField(2, 0) }), {
    ...shortRequest,
    request: { ...shortRequest.request, verificationPin: pin("0000") },
  }),
  accepted(
    "request with versions that are not packed",
    requestWith({ 22: concat(varintField(22, 1), varintField(22, 2)) }),
    {
      ...shortRequest,
      request: { ...shortRequest.request, backupFileVersions: [1, 2] },
    },
  ),
  accepted(
    "request for consent in a time range",
    requestWith(scope(varintField(1, 5), varintField(2, 6), varintField(4, 1))),
    {
      ...shortRequest,
      request: {
        ...shortRequest.request,
        scope: { startNs: 5n, endNs: 6n, elements: ["consent"] },
      },
    },
  ),
  accepted(
    "request with fields of a later version",
    concat(
      bytesField(
        3,
        concat(
          ...Object.values({
            ...requestFields,
            ...scope(varintField(3, 1), varintField(4, 1), varintField(5, 1)),
          }),
          textField(23, "later"),
        ),
      ),
      varintField(99, 1),
    ),
    shortRequest,
    ["payload#99", "request#23", "request.scope#5"],
  ),
  accepted(
    "response",
    bytesField(
      4,
      concat(
        textField(1, requestId),
        bytesField(19, utf8("age-encryption.org/v1\n")),
      ),
    ),
    samplePayloads.response,
  ),
  accepted("decline", decline(textField(1, requestId)), samplePayloads.decline),
  accepted(
    "contact bundle of a backup installation",
    bytesField(
      17,
      concat(varintField(3, 2), varintField(16, 1_790_000_000_000_000_000n)),
    ),
    samplePayloads.contactBundle,
  ),
  accepted(
    "relayed contact bundle",
    bytesField(
      18,
      concat(
        bytesField(1, fromHex("e5".repeat(32))),
        bytesField(2, utf8("an envelope")),
      ),
    ),
    samplePayloads.relayedContactBundle,
  ),

  refused("nothing", "unknownContents", nothing),
  refused(
    "direct message, which does not travel in a backup channel",
    "unknownContents",
    bytesField(2, textField(1, "conversation")),
  ),
  refused(
    "contents of a later version",
    "unknownContents",
    bytesField(19, nothing),
  ),
  refused(
    "signature inside the payload",
    "invalidField",
    concat(
      bytesField(1, bytesField(1, new Uint8Array(64))),
      decline(textField(1, requestId)),
    ),
  ),

  ...[1, 3, 16, 17, 18, 19, 20, 22].map((field) =>
    refused(
      `request without field ${field}`,
      "invalidField",
      requestWith({ [field]: nothing }),
    ),
  ),
  refused("request without a PIN", "missingField", requestWith({ 2: nothing })),
  refused(
    "request without a scope",
    "missingField",
    requestWith({ 21: nothing }),
  ),
  refused(
    "request with PIN 10000",
    "invalidField",
    requestWith({ 2: varintField(2, 10_000) }),
  ),
  refused(
    "request with PIN -1",
    "invalidField",
    requestWith({ 2: varintField(2, -1) }),
  ),
  refused(
    "request with a PIN of 64 bits that ends in 42",
    "malformed",
    requestWith({ 2: varintField(2, 2n ** 32n + 42n) }),
  ),
  refused(
    "request with a URL that is not canonical",
    "invalidField",
    requestWith({ 3: textField(3, "https://storage.example:443/") }),
  ),
  refused(
    "request with an age identity for a recipient",
    "invalidField",
    requestWith({ 17: textField(17, x25519Identity) }),
  ),
  refused(
    "request with a recipient whose checksum is wrong",
    "invalidField",
    requestWith({ 17: textField(17, x25519Recipient.replace(/.$/, "q")) }),
  ),
  refused(
    "request with a hybrid recipient cut short",
    "invalidField",
    requestWith({ 17: textField(17, hybridRecipient.slice(0, -1)) }),
  ),
  refused(
    "request that expires when it is made",
    "invalidField",
    requestWith({ 19: varintField(19, sampleRequest.createdAtNs) }),
  ),
  refused(
    "request of an app with a right-to-left override in its name",
    "invalidField",
    requestWith({ 20: textField(20, "Example \u202etahC") }),
  ),
  refused(
    "request with a name that is not UTF-8",
    "malformed",
    requestWith({ 20: bytesField(20, Uint8Array.of(0x41, 0xc3)) }),
  ),
  refused(
    "request with a name behind a byte order mark",
    "malformed",
    requestWith({ 20: textField(20, "\ufeffExample") }),
  ),
  refused("request for nothing", "invalidField", requestWith(scope())),
  refused(
    "request for a range that ends before it starts",
    "invalidField",
    requestWith(scope(varintField(1, 6), varintField(2, 5), varintField(3, 1))),
  ),
  refused(
    "request with version 0",
    "invalidField",
    requestWith({ 22: bytesField(22, varint(0)) }),
  ),
  refused(
    "request with 17 versions",
    "invalidField",
    requestWith({ 22: bytesField(22, new Uint8Array(17).fill(1)) }),
  ),

  refused(
    "response without a seal",
    "missingField",
    bytesField(4, textField(1, requestId)),
  ),
  refused(
    "response with a URL outside the seal",
    "invalidField",
    bytesField(
      4,
      concat(
        textField(1, requestId),
        textField(2, "https://storage.example/backups/x"),
        bytesField(19, utf8("age-encryption.org/v1\n")),
      ),
    ),
  ),
  refused(
    "response with a key outside the seal",
    "invalidField",
    bytesField(
      4,
      concat(
        textField(1, requestId),
        bytesField(3, bytesField(1, textField(1, x25519Identity))),
        bytesField(19, utf8("age-encryption.org/v1\n")),
      ),
    ),
  ),
  refused("decline of nothing", "invalidField", decline()),
  refused(
    "decline of a request id with a slash",
    "invalidField",
    decline(textField(1, "0011223344556677/")),
  ),
  refused(
    "contact bundle without a role",
    "invalidField",
    bytesField(17, varintField(16, 1)),
  ),
  refused(
    "contact bundle of role 3",
    "invalidField",
    bytesField(17, concat(varintField(3, 3), varintField(16, 1))),
  ),
  refused(
    "contact bundle without a time",
    "invalidField",
    bytesField(17, varintField(3, 2)),
  ),

  refused(
    "relayed contact bundle without a channel",
    "invalidField",
    bytesField(18, bytesField(2, utf8("an envelope"))),
  ),
  refused(
    "relayed contact bundle without an envelope",
    "missingField",
    bytesField(18, bytesField(1, fromHex("e5".repeat(32)))),
  ),

  refused(
    "two contents",
    "malformed",
    concat(decline(textField(1, requestId)), requestWith({})),
  ),
  refused(
    "the same field twice",
    "malformed",
    decline(textField(1, requestId), textField(1, requestId)),
  ),
  refused("text as a varint", "malformed", decline(varintField(1, 1))),
  refused("a group", "malformed", concat(tag(99, 3), tag(99, 4))),
  refused(
    "5,000 groups within each other",
    "malformed",
    new Uint8Array(5_000).fill(0x2b),
  ),
  refused("field number 0", "malformed", bytesField(0, nothing)),
  refused(
    "a varint of eleven bytes",
    "malformed",
    concat(tag(99, 0), new Uint8Array(10).fill(0x80), varint(1)),
  ),
  refused("a length past the end", "malformed", concat(tag(99, 2), varint(1))),
  refused("a length of 2^64 - 1", "malformed", concat(tag(16, 2), varint(-1n))),
  refused(
    "a child that overruns its parent",
    "malformed",
    concat(tag(16, 2), varint(2), textField(1, requestId)),
  ),
];

export const payloadVectors = {
  about:
    "Bytes of a PadlockMessagePayload, and what a receiver reads. Signatures are not looked at here.",
  cases: cases.map(({ name, payload, expected }) => ({
    name,
    payload: toVectorJson(payload),
    expected,
  })),
};
