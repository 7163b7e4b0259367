import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  parseAppName,
  parseChannelId,
  parseEnvelope,
  parseInboxId,
  parseInstallationId,
  parsePadlockMessagePayload,
  parseResponse,
  parseStorageUrl,
  parseTypedPin,
  ProtocolError,
  verifyEnvelope,
  verifyInstallationSignature,
} from "./index.js";
import { envelopeVectors } from "./testing/vectors/envelopes.js";
import { payloadVectors } from "./testing/vectors/payloads.js";
import { responseVectors } from "./testing/vectors/responses.js";
import { signatureVectors } from "./testing/vectors/signatures.js";
import {
  appNameVectors,
  storageUrlVectors,
  typedPinVectors,
} from "./testing/vectors/texts.js";
import { toVectorJson } from "./testing/vectors/vector.js";
import { fromHex } from "./testing/wire-bytes.js";

const directory = new URL("../../../vectors/protocol/", import.meta.url);
const pathOf = (name: string) =>
  fileURLToPath(new URL(`${name}.json`, directory));

/** What a reader made of bytes, as the vectors write it. */
function outcomeOf(read: () => unknown): unknown {
  try {
    return toVectorJson(read());
  } catch (error) {
    if (error instanceof ProtocolError) return { error: error.code };
    throw error;
  }
}

/** The same of a text: canonical, or refused. */
function textOutcomeOf(text: string, read: () => string | undefined): unknown {
  try {
    const canonical = read();
    return canonical === undefined
      ? { text, expected: "refused" }
      : { text, canonical };
  } catch (error) {
    if (error instanceof ProtocolError) return { text, expected: "refused" };
    throw error;
  }
}

type TextVectors = typeof storageUrlVectors;
const textFile = (
  vectors: TextVectors,
  read: (text: string) => string | undefined,
) => ({
  vectors,
  run: (vector: TextVectors["cases"][number]) => [
    textOutcomeOf(vector.text, () => read(vector.text)),
    vector,
  ],
});

/** Each file: what it must hold, and how one of its cases is run: what came out, and what should have. */
const files = {
  payloads: {
    vectors: payloadVectors,
    run: (vector: (typeof payloadVectors)["cases"][number]) => [
      outcomeOf(() =>
        parsePadlockMessagePayload(fromHex(String(vector.payload))),
      ),
      vector.expected,
    ],
  },
  responses: {
    vectors: responseVectors,
    run: (vector: (typeof responseVectors)["cases"][number]) => [
      outcomeOf(() => parseResponse(fromHex(String(vector.response)))),
      vector.expected,
    ],
  },
  envelopes: {
    vectors: envelopeVectors,
    run: (vector: (typeof envelopeVectors)["cases"][number]) => [
      outcomeOf(() => {
        const result = parseEnvelope(fromHex(String(vector.content)));
        verifyEnvelope(result.value, {
          inboxId: parseInboxId(vector.inboxId),
          channelId: parseChannelId(vector.channelId),
        });
        return result;
      }),
      vector.expected,
    ],
  },
  "installation-signatures": {
    vectors: signatureVectors,
    run: (vector: (typeof signatureVectors)["cases"][number]) => [
      verifyInstallationSignature(
        vector.text,
        fromHex(vector.signature),
        parseInstallationId(vector.installationId),
      )
        ? "valid"
        : "invalid",
      vector.expected,
    ],
  },
  "storage-urls": textFile(storageUrlVectors, (text) =>
    parseStorageUrl(text, "url"),
  ),
  "app-names": textFile(appNameVectors, (text) => parseAppName(text)),
  "typed-pins": textFile(typedPinVectors, parseTypedPin),
} as const;

describe.each(Object.entries(files))(
  "vectors/protocol/%s.json",
  (name, file) => {
    it("is what its source makes (npm run vectors --workspace packages/protocol)", async () => {
      await expect(
        `${JSON.stringify(file.vectors, null, 2)}\n`,
      ).toMatchFileSnapshot(pathOf(name));
    });

    it("holds, as it stands on the disk", async () => {
      const { cases } = JSON.parse(await readFile(pathOf(name), "utf8")) as {
        cases: never[];
      };
      expect(cases.length).toBeGreaterThan(7);
      for (const vector of cases) {
        const [actual, expected] = file.run(vector);
        expect(actual, JSON.stringify(vector).slice(0, 200)).toEqual(expected);
      }
    });
  },
);
