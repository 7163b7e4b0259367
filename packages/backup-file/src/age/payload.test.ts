import { Decrypter, Encrypter } from "age-encryption";
import { describe, expect, it } from "vitest";
import { equalBytes } from "../bytes/bytes.js";
import { createByteQueue } from "../bytes/byte-queue.js";
import { createPortablePorts } from "../ports/portable.js";
import { collectBytes, flip, inPieces, join } from "../testing/bytes.js";
import { codeOf } from "../testing/codes.js";
import { createTestIdentity } from "../testing/seal.js";
import {
  createAgeDecrypter,
  createAgeHeader,
  createHeaderScanner,
  openAgeHeader,
  payloadKey,
} from "./header.js";
import {
  AGE_CHUNK_BYTES,
  AGE_NONCE_BYTES,
  openAgePayload,
  sealAgePayload,
} from "./payload.js";

const cipher = createPortablePorts().chaCha20Poly1305;
const { identity, recipient } = await createTestIdentity();

const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);

const seal = async (plain: Uint8Array, pieceSize?: number) => {
  const { header, fileKey } = await createAgeHeader([recipient]);
  const nonce = crypto.getRandomValues(new Uint8Array(AGE_NONCE_BYTES));
  const payload = await collectBytes(
    sealAgePayload(inPieces(plain, pieceSize), fileKey, nonce, cipher),
  );
  return { header, fileKey, payload };
};
const openPayload = (
  payload: Uint8Array,
  fileKey: Uint8Array,
  pieceSize?: number,
) =>
  collectBytes(
    openAgePayload(
      inPieces(payload.subarray(16), pieceSize),
      fileKey,
      payload.slice(0, 16),
      cipher,
    ),
  );
const open = async (file: Uint8Array, pieceSize?: number) => {
  const queue = createByteQueue();
  queue.push(file);
  const length = createHeaderScanner(100_000)(queue) ?? 0;
  const fileKey = await openAgeHeader(
    queue.take(length),
    createAgeDecrypter([identity]),
  );
  return openPayload(queue.take(queue.length), fileKey, pieceSize);
};

const chunk = AGE_CHUNK_BYTES;
const sizes = [
  0,
  1,
  chunk - 1,
  chunk,
  chunk + 1,
  chunk * 2 - 1,
  chunk * 2,
  chunk * 3 + 5,
];

describe("an age payload", () => {
  it.each(sizes)("of %i bytes opens with age-encryption", async (size) => {
    const { header, payload } = await seal(pattern(size), 10_007);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    expect(
      equalBytes(await decrypter.decrypt(join(header, payload)), pattern(size)),
    ).toBe(true);
  });

  it.each(sizes)(
    "of %i bytes made by age-encryption is opened",
    async (size) => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      const file = await encrypter.encrypt(pattern(size));
      for (const pieces of [1009, chunk + 15, chunk + 16, chunk + 17])
        expect(equalBytes(await open(file, pieces), pattern(size))).toBe(true);
    },
  );

  it("opens byte by byte", async () => {
    const { header, payload } = await seal(pattern(chunk + 100));
    expect(
      equalBytes(await open(join(header, payload), 1), pattern(chunk + 100)),
    ).toBe(true);
  });

  it("cut between two chunks is truncated", async () => {
    const { fileKey, payload } = await seal(pattern(chunk * 3));
    for (const chunks of [0, 1, 2])
      expect(
        await codeOf(
          openPayload(payload.subarray(0, 16 + chunks * (chunk + 16)), fileKey),
        ),
      ).toBe("fileTruncated");
  });

  it("cut inside a chunk is altered or truncated", async () => {
    const { fileKey, payload } = await seal(pattern(chunk + 1000));
    for (let length = 16; length < payload.length; length += 3989)
      expect(["fileTruncated", "fileAltered"]).toContain(
        await codeOf(openPayload(payload.subarray(0, length), fileKey)),
      );
  });

  it("with a flipped bit is altered", async () => {
    const { fileKey, payload } = await seal(pattern(chunk + 10));
    for (let at = 0; at < payload.length; at += 3989)
      expect(await codeOf(openPayload(flip(payload, at), fileKey))).toBe(
        "fileAltered",
      );
  });

  it("with bytes after a full last chunk has trailing data", async () => {
    const { fileKey, payload } = await seal(pattern(chunk * 2));
    expect(
      await codeOf(openPayload(join(payload, Uint8Array.of(0)), fileKey)),
    ).toBe("trailingData");
  });

  it("with chunks in another order is altered", async () => {
    const { fileKey, payload } = await seal(pattern(chunk * 3));
    const sealed = chunk + 16;
    const swapped = join(
      payload.subarray(0, 16),
      payload.subarray(16 + sealed, 16 + 2 * sealed),
      payload.subarray(16, 16 + sealed),
      payload.subarray(16 + 2 * sealed),
    );
    expect(await codeOf(openPayload(swapped, fileKey))).toBe("fileAltered");
  });

  it("with an empty last chunk after others is altered", async () => {
    // What a writer would make that ended a chunk too early.
    const { header, fileKey } = await createAgeHeader([recipient]);
    const nonce = new Uint8Array(16);
    const key = payloadKey(fileKey, nonce);
    const file = join(
      header,
      nonce,
      cipher.seal(key, new Uint8Array(12), pattern(chunk)),
      cipher.seal(
        key,
        Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1),
        new Uint8Array(0),
      ),
    );
    expect(await codeOf(open(file))).toBe("fileAltered");
  });
});

describe("an age header", () => {
  it("is made for several recipients, each of whom opens it", async () => {
    const other = await createTestIdentity();
    const { header, fileKey } = await createAgeHeader([
      recipient,
      other.recipient,
    ]);
    for (const key of [identity, other.identity])
      expect(await openAgeHeader(header, createAgeDecrypter([key]))).toEqual(
        fileKey,
      );
  });

  it.each([
    ["no recipient", []],
    ["what is no recipient", ["age1nonsense"]],
    ["another kind of key", ["ssh-ed25519 AAAA"]],
  ])("is not made for %s", async (_, recipients) => {
    expect(await codeOf(createAgeHeader(recipients))).toBe("recipientInvalid");
  });

  it.each([
    ["no identity", []],
    ["what is no identity", ["AGE-SECRET-KEY-1NONSENSE"]],
    ["another kind of key", ["hello"]],
  ])(
    "is not opened with %s, and the error does not quote it",
    (_, identities) => {
      let thrown: unknown;
      try {
        createAgeDecrypter(identities);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: "identityInvalid" });
      expect((thrown as Error).cause).toBeUndefined();
      for (const key of identities) expect(String(thrown)).not.toContain(key);
    },
  );

  it("is refused for another identity", async () => {
    const other = await createTestIdentity();
    const { header } = await createAgeHeader([recipient]);
    expect(
      await codeOf(openAgeHeader(header, createAgeDecrypter([other.identity]))),
    ).toBe("identityMismatch");
  });

  it("is refused with any byte changed", async () => {
    const { header } = await createAgeHeader([recipient]);
    for (let at = 0; at < header.length; at += 1) {
      const code = await codeOf(
        openAgeHeader(flip(header, at), createAgeDecrypter([identity])),
      );
      expect(["ageHeaderInvalid", "identityMismatch"]).toContain(code);
    }
  });

  it("is looked for in a bounded number of bytes", () => {
    const queue = createByteQueue();
    queue.push(new TextEncoder().encode("age-encryption.org/v1\n"));
    queue.push(new Uint8Array(5000).fill(65));
    expect(() => createHeaderScanner(4000)(queue)).toThrowError(
      expect.objectContaining({ code: "ageHeaderInvalid" }) as Error,
    );
  });
});
