import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyBackupMessage } from "./classify.js";
import { encodeEnvelope, parseEnvelope, verifyEnvelope } from "./envelope.js";
import { ProtocolError } from "./errors.js";
import {
  installationIdFromBytes,
  parseChannelId,
  parseInboxId,
  parseRequestId,
} from "./ids.js";
import type { MessageHistoryBackupRequest } from "./message-history-backup-request.js";
import {
  encodeResponse,
  type MessageHistoryBackupResponse,
  parseResponse,
} from "./message-history-backup-response.js";
import {
  encodePadlockMessagePayload,
  type PadlockMessagePayload,
  parsePadlockMessagePayload,
} from "./padlock-message-payload.js";
import { pinFromNumber } from "./pin.js";
import {
  hybridIdentity,
  hybridRecipient,
  requester,
  sampleInstallation,
  samplePayloads,
  sampleResponse,
  sealedBy,
  x25519Identity,
  x25519Recipient,
} from "./testing/samples.js";
import { hex } from "./testing/wire-bytes.js";
import { parseStorageUrl } from "./url.js";

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length });
const timeNs = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const requestIds = fc
  .stringMatching(/^[A-Za-z0-9_-]{16,64}$/)
  .map((id) => parseRequestId(id));
const channelIds = fc
  .stringMatching(/^(?:[0-9a-f]{2}){16,64}$/)
  .map((id) => parseChannelId(id));
const urls = fc
  .webUrl({ withQueryParameters: true, validSchemes: ["https", "http"] })
  .filter((url) => /^[!-~]*$/.test(url))
  .map((url) => parseStorageUrl(url, "url"));
const appNames = fc.stringMatching(
  /^[A-Za-z0-9Ωж聊🚀.()]( ?[a-z0-9é聊🚀]){0,20}$/u,
);

const requests: fc.Arbitrary<MessageHistoryBackupRequest> = fc
  .record({
    requestId: requestIds,
    verificationPin: fc.nat({ max: 9_999 }).map((n) => pinFromNumber(n)),
    uploadUrl: urls,
    recipientInstallationId: bytes(32).map((id) => installationIdFromBytes(id)),
    responseRecipient: fc.constantFrom(x25519Recipient, hybridRecipient),
    times: fc
      .uniqueArray(timeNs, { minLength: 2, maxLength: 2 })
      .map((times) => times.sort((a, b) => (a < b ? -1 : 1))),
    appName: appNames,
    scope: fc.record(
      {
        startNs: fc.bigInt({ min: 1n, max: 2n ** 62n }),
        endNs: fc.bigInt({ min: 2n ** 62n + 1n, max: 2n ** 63n - 1n }),
        elements: fc.subarray(["messages", "consent"] as const, {
          minLength: 1,
        }),
      },
      { requiredKeys: ["elements"] },
    ),
    backupFileVersions: fc.array(fc.integer({ min: 1, max: 2 ** 32 - 1 }), {
      minLength: 1,
      maxLength: 16,
    }),
  })
  .map(({ times: [createdAtNs = 0n, expiresAtNs = 0n], ...rest }) => ({
    ...rest,
    createdAtNs,
    expiresAtNs,
  }));

const payloads: fc.Arbitrary<PadlockMessagePayload> = fc.oneof(
  requests.map((request) => ({ kind: "request" as const, request })),
  fc.record({
    kind: fc.constant("response" as const),
    response: fc.record({
      requestId: requestIds,
      sealedResponse: fc.uint8Array({ minLength: 1, maxLength: 8_192 }),
    }),
  }),
  fc.record({ kind: fc.constant("decline" as const), requestId: requestIds }),
  fc.record({
    kind: fc.constant("contactBundle" as const),
    contactRole: fc.constantFrom("full" as const, "backup" as const),
    createdAtNs: timeNs,
  }),
  fc.record({
    kind: fc.constant("relayedContactBundle" as const),
    channelId: channelIds,
    envelope: fc.uint8Array({ minLength: 1, maxLength: 1_024 }),
  }),
);

const responses: fc.Arbitrary<MessageHistoryBackupResponse> = fc.record({
  requestId: requestIds,
  backupUrl: urls,
  encryptionParameters: fc.record({
    kind: fc.constant("ageV1" as const),
    identity: fc.constantFrom(x25519Identity, hybridIdentity),
  }),
  backupFileHash: bytes(32),
  expirationTimeNs: timeNs,
  backupFileSizeBytes: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  conversationCount: count,
  messageCount: count,
});

describe("what is written is what is read", () => {
  it("payloads", () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        const encoded = encodePadlockMessagePayload(payload);
        expect(parsePadlockMessagePayload(encoded)).toEqual({
          value: payload,
          unknownFields: [],
        });
      }),
      { numRuns: 500 },
    );
  });

  it("sealed responses", () => {
    fc.assert(
      fc.property(responses, (response) => {
        expect(parseResponse(encodeResponse(response))).toEqual({
          value: response,
          unknownFields: [],
        });
      }),
      { numRuns: 500 },
    );
  });

  it("envelopes", () => {
    const envelopes = fc.record({
      payload: fc.uint8Array({ minLength: 1, maxLength: 4_096 }),
      senderInstallationId: bytes(32).map((id) => installationIdFromBytes(id)),
      headerSignature: bytes(64),
    });
    fc.assert(
      fc.property(envelopes, (envelope) => {
        expect(parseEnvelope(encodeEnvelope(envelope))).toEqual({
          value: envelope,
          unknownFields: [],
        });
      }),
      { numRuns: 500 },
    );
  });
});

it("a signed message verifies in its own inbox and channel, and by its own sender, alone", () => {
  const places = fc.record({
    inboxId: bytes(32).map((id) => parseInboxId(hex(id))),
    channelId: fc
      .uint8Array({ minLength: 16, maxLength: 64 })
      .map((id) => parseChannelId(hex(id))),
    seed: fc.integer({ min: 1, max: 255 }),
  });
  fc.assert(
    fc.property(payloads, places, places, (payload, here, there) => {
      const { value } = parseEnvelope(
        sealedBy(sampleInstallation(here.seed), payload, here),
      );
      const verifies = (place: typeof here) => {
        try {
          verifyEnvelope(
            {
              ...value,
              senderInstallationId: sampleInstallation(place.seed)
                .installationId,
            },
            place,
          );
          return true;
        } catch (error) {
          expect(error).toMatchObject({ code: "badSignature" });
          return false;
        }
      };
      expect(verifies(here)).toBe(true);
      for (const moved of [
        { ...here, inboxId: there.inboxId },
        { ...here, channelId: there.channelId },
        { ...here, seed: there.seed },
      ])
        expect(verifies(moved)).toBe(
          JSON.stringify(moved) === JSON.stringify(here),
        );
    }),
    { numRuns: 40 },
  );
});

/** Every reader of bytes from outside. */
const readers: Record<string, (input: Uint8Array) => unknown> = {
  parseEnvelope,
  parsePadlockMessagePayload,
  parseResponse,
  classifyBackupMessage,
};

const valid = [
  sealedBy(requester, samplePayloads.request),
  ...Object.values(samplePayloads).map(encodePadlockMessagePayload),
  encodeResponse(sampleResponse),
];

/** Valid messages with bytes replaced, put in, taken out or cut off. */
const damaged = fc
  .record({
    start: fc.constantFrom(...valid),
    edits: fc.array(
      fc.record({
        at: fc.nat({ max: 10_000 }),
        remove: fc.nat({ max: 8 }),
        insert: fc.uint8Array({ maxLength: 8 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ start, edits }) => {
    const result = [...start];
    for (const { at, remove, insert } of edits)
      result.splice(at % (result.length + 1), remove, ...insert);
    return Uint8Array.from(result);
  });

describe.each(Object.entries(readers))("%s", (_, read) => {
  /** What of the valid messages must never stand in an error. */
  const secrets =
    /storage\.example|dXBsb2Fk|c29tZS1sb25n|AGE-SECRET|age1|Example|0042/;
  const onlyProtocolErrors = (input: Uint8Array) => {
    try {
      read(input);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
      expect(String(error)).not.toMatch(secrets);
      expect((error as ProtocolError).cause).toBeUndefined();
    }
  };

  it("throws nothing but ProtocolError, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), onlyProtocolErrors),
      { numRuns: 5_000 },
    );
  });

  it("throws nothing but ProtocolError, however a message was damaged", () => {
    fc.assert(fc.property(damaged, onlyProtocolErrors), { numRuns: 5_000 });
  });
});

it("every text is a canonical URL, or is refused with a ProtocolError", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc
      .tuple(fc.constantFrom("https://", "http://", "HTTPS:\\\\"), fc.string())
      .map(([scheme, rest]) => scheme + rest),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let url: string;
      try {
        url = parseStorageUrl(text, "url");
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
        return;
      }
      expect(parseStorageUrl(url, "url")).toBe(url);
      expect(new URL(url).href).toBe(url);
    }),
    { numRuns: 5_000 },
  );
});
