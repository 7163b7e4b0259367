import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import {
  Decrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAll } from "./bytes/streams.js";
import type { BackupElementRecord } from "./element/view.js";
import { BackupFileError } from "./errors.js";
import { MessageBackupSchema } from "./gen/carryover/backup_file/v1/message_backup_pb.js";
import {
  readMessageBackupFile,
  verifyMessageBackupFile,
  type ReadMessageBackupFileOptions,
} from "./read-message-backup.js";
import { collect, flip, join, streamOfBytes } from "./testing/bytes.js";
import { codeOf } from "./testing/codes.js";
import { plainFormOf } from "./testing/plain-form.js";
import {
  sampleHeader,
  sampleHistory,
  sampleMessage,
  sampleMetadata,
} from "./testing/samples.js";
import { ageSeal, createTestIdentity, gzipAndSeal } from "./testing/seal.js";
import {
  writeMessageBackupFile,
  type WriteMessageBackupFileOptions,
  type WriteProgress,
} from "./write-message-backup.js";

const { identity, recipient } = await createTestIdentity();
const history = sampleHistory(3, 10);

const write = async (
  elements: WriteMessageBackupFileOptions["elements"] = history,
  options: Partial<WriteMessageBackupFileOptions> = {},
) => {
  const { file, finished } = writeMessageBackupFile({
    header: sampleHeader,
    elements,
    recipients: [recipient],
    ...options,
  });
  const bytes = await readAll(file);
  return { bytes, ...(await finished) };
};
const options = (
  bytes: Uint8Array,
  pieceSize?: number,
): ReadMessageBackupFileOptions => ({
  file: streamOfBytes(bytes, pieceSize),
  identities: [identity],
});
const hexOf = (elements: readonly BackupElementRecord[]): string[] =>
  elements.map(({ bytes }) => Buffer.from(bytes).toString("hex"));

const whole = await write();

describe("a Message Backup File", () => {
  it.each([
    ["x25519", generateX25519Identity],
    ["post-quantum hybrid", generateHybridIdentity],
  ])("is written for a %s recipient and read again", async (_, generate) => {
    const key = await generate();
    const { bytes, manifest, sha256, sizeBytes } = await write(history, {
      recipients: [await identityToRecipient(key)],
    });
    expect(sizeBytes).toBe(bytes.length);
    expect(Buffer.from(sha256)).toEqual(
      createHash("sha256").update(bytes).digest(),
    );
    const reader = await readMessageBackupFile({
      ...options(bytes),
      identities: [key],
    });
    expect(reader.header).toMatchObject({
      version: 1,
      codec: "gzip",
      schema: "xmtp.device_sync.BackupElement",
      xmtpArchiveVersion: 0,
      ...sampleHeader,
    });
    expect(hexOf(await collect(reader.elements))).toEqual(hexOf(history));
    expect(reader.verified()).toEqual({ manifest, sha256, sizeBytes });
  });

  it("opens with age, gunzip and protobuf, each of them by itself", async () => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const plain = gunzipSync(await decrypter.decrypt(whole.bytes));
    const { header, elements, manifest } = fromBinary(
      MessageBackupSchema,
      plain,
    );
    expect(header?.format).toBe("carryover/message-backup");
    expect(elements.length).toBe(history.length);
    expect(manifest?.messageCount).toBe(30n);
  });

  it("made by age and gzip is read", async () => {
    const bytes = await gzipAndSeal(await plainFormOf(history), recipient);
    const { manifest } = await verifyMessageBackupFile(options(bytes));
    expect(manifest.messageCount).toBe(30);
  });

  it("opens for each of several recipients", async () => {
    const other = await createTestIdentity();
    const { bytes } = await write(history, {
      recipients: [recipient, other.recipient],
    });
    for (const key of [identity, other.identity])
      expect(
        (
          await verifyMessageBackupFile({
            ...options(bytes),
            identities: [key],
          })
        ).manifest.elementCount,
      ).toBe(history.length);
  });

  it("opens with any one of several identities", async () => {
    const other = await createTestIdentity();
    await verifyMessageBackupFile({
      ...options(whole.bytes),
      identities: [other.identity, identity],
    });
  });

  it.each([1, 2, 100, 65_535, 65_536, 65_537])(
    "is read in pieces of %i bytes",
    async (size) => {
      const reader = await readMessageBackupFile(options(whole.bytes, size));
      expect(hexOf(await collect(reader.elements))).toEqual(hexOf(history));
    },
  );

  it("gives back any elements", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 200_000 }), { maxLength: 8 }),
        async (sizes) => {
          const elements = [
            sampleMetadata(),
            ...sizes.map((size, n) =>
              sampleMessage(
                n % 2,
                n,
                new Uint8Array(size).map((_, i) => i * n),
              ),
            ),
          ];
          const { bytes } = await write(elements);
          const reader = await readMessageBackupFile(options(bytes));
          expect(hexOf(await collect(reader.elements))).toEqual(
            hexOf(elements),
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  it("keeps what was left out, and why, as it was told at the end", async () => {
    const leftOut = [
      {
        reason: "backup-channel",
        conversationCount: 2,
        messageCount: 7,
        otherCount: 1,
      },
    ];
    let asked = 0;
    const { bytes } = await write(history, {
      leftOut: () => {
        asked += 1;
        return leftOut;
      },
    });
    expect(asked).toBe(1);
    expect(
      (await verifyMessageBackupFile(options(bytes))).manifest.leftOut,
    ).toEqual(leftOut);
  });

  it("keeps header fields that are optional", async () => {
    const { bytes } = await write(history, {
      header: {
        ...sampleHeader,
        installationId: "1a".repeat(32),
        xmtpArchiveVersion: 3,
        scope: {
          startNs: -5n,
          endNs: 2n ** 62n,
          elements: ["messages", "of the future"],
          disappearingMessages: "included",
        },
      },
    });
    const { header } = await verifyMessageBackupFile(options(bytes));
    expect(header).toMatchObject({
      installationId: "1a".repeat(32),
      xmtpArchiveVersion: 3,
      scope: {
        startNs: -5n,
        endNs: 2n ** 62n,
        elements: ["messages", "of the future"],
        disappearingMessages: "included",
      },
    });
  });

  it("is read again from the start: verify, then use", async () => {
    await verifyMessageBackupFile(options(whole.bytes));
    const reader = await readMessageBackupFile(options(whole.bytes));
    expect(() => reader.verified()).toThrow("not been read to their end");
    await collect(reader.elements);
    expect(reader.verified().manifest).toEqual(whole.manifest);
  });
});

// Small, because every byte of it is changed in turn.
const small = await write(sampleHistory(1, 1));

describe("a damaged Message Backup File", () => {
  it("cut at any byte is truncated or altered", async () => {
    const seen = new Set<string>();
    for (let length = 0; length < small.bytes.length; length += 1) {
      const code = await codeOf(
        verifyMessageBackupFile(options(small.bytes.subarray(0, length))),
      );
      expect(["fileTruncated", "fileAltered"], `cut at ${length}`).toContain(
        code,
      );
      seen.add(code);
    }
    expect(seen.size).toBe(2);
  });

  it("cut at any byte is truncated, if its size is known", async () => {
    for (let length = 0; length < small.bytes.length; length += 13)
      expect(
        await codeOf(
          verifyMessageBackupFile({
            ...options(small.bytes.subarray(0, length)),
            expectedSizeBytes: small.bytes.length,
          }),
        ),
      ).toBe("fileTruncated");
  });

  it("followed by a byte has trailing data, if its size is known", async () => {
    const longer = join(small.bytes, Uint8Array.of(0));
    expect(await codeOf(verifyMessageBackupFile(options(longer)))).toBe(
      "fileAltered",
    );
    expect(
      await codeOf(
        verifyMessageBackupFile({
          ...options(longer),
          expectedSizeBytes: small.bytes.length,
        }),
      ),
    ).toBe("trailingData");
  });

  it("with any byte changed is refused", async () => {
    const codes = new Set<string>();
    for (let at = 0; at < small.bytes.length; at += 1) {
      const code = await codeOf(
        verifyMessageBackupFile(options(flip(small.bytes, at, at % 8))),
      );
      codes.add(code);
      expect(code, `byte ${at}`).not.toBe("none");
    }
    expect([...codes].sort()).toEqual([
      "ageHeaderInvalid",
      "fileAltered",
      // Where the mark of the header's end is hit, it never ends.
      "fileTruncated",
      "formatUnknown",
      "identityMismatch",
    ]);
  });

  it("for somebody else is not opened", async () => {
    const other = await createTestIdentity();
    expect(
      await codeOf(
        verifyMessageBackupFile({
          ...options(small.bytes),
          identities: [other.identity],
        }),
      ),
    ).toBe("identityMismatch");
  });

  it.each([
    ["nothing", new Uint8Array(0), "fileTruncated"],
    [
      "text",
      new TextEncoder().encode("hello, this is no backup"),
      "formatUnknown",
    ],
    [
      "an armored age file",
      new TextEncoder().encode("-----BEGIN AGE ENCRYPTED FILE-----\n"),
      "formatUnknown",
    ],
    [
      "an age header without end",
      new TextEncoder().encode(
        `age-encryption.org/v1\n${"-> X25519 ".repeat(10_000)}`,
      ),
      "ageHeaderInvalid",
    ],
  ])("that is %s is refused", async (_, bytes, code) => {
    expect(await codeOf(verifyMessageBackupFile(options(bytes, 1000)))).toBe(
      code,
    );
  });

  it.each<[string, () => Promise<Uint8Array>, string]>([
    [
      "is empty inside",
      () => ageSeal(new Uint8Array(0), recipient),
      "compressionInvalid",
    ],
    [
      "is not compressed",
      async () => ageSeal(await plainFormOf(history), recipient),
      "codecUnsupported",
    ],
    [
      "is empty when expanded",
      () => gzipAndSeal(new Uint8Array(0), recipient),
      "headerInvalid",
    ],
    [
      "ends inside a record",
      async () =>
        gzipAndSeal((await plainFormOf(history)).subarray(0, 500), recipient),
      "recordTruncated",
    ],
    [
      "has bytes after its manifest",
      async () =>
        gzipAndSeal(
          join(await plainFormOf(history), Uint8Array.of(0)),
          recipient,
        ),
      "trailingData",
    ],
  ])("that %s is refused", async (_, make, code) => {
    expect(await codeOf(verifyMessageBackupFile(options(await make())))).toBe(
      code,
    );
  });

  it("that expands without end is a bomb", async () => {
    const bytes = await gzipAndSeal(new Uint8Array(30_000_000), recipient);
    expect(bytes.length).toBeLessThan(60_000);
    // What it expands to is no header: to see the bomb, put one before it.
    const plain = await plainFormOf([
      sampleMessage(0, 0, new Uint8Array(5_000_000)),
    ]);
    const bomb = await gzipAndSeal(plain, recipient);
    expect(
      await codeOf(
        verifyMessageBackupFile({
          ...options(bomb),
          limits: { ratioFreeBytes: 1_000_000 },
        }),
      ),
    ).toBe("decompressionBomb");
    expect(
      await codeOf(
        verifyMessageBackupFile({
          ...options(bomb),
          limits: { maxExpandedBytes: 1_000_000 },
        }),
      ),
    ).toBe("decompressionBomb");
    expect(await codeOf(verifyMessageBackupFile(options(bomb)))).toBe("none");
  });
});

describe("reading", () => {
  it("tells how far it is", async () => {
    const seen: number[] = [];
    await verifyMessageBackupFile({
      ...options(whole.bytes, 1000),
      onProgress: ({ fileBytes }) => seen.push(fileBytes),
    });
    expect(seen.at(-1)).toBe(whole.bytes.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it("lets the file go when the caller leaves early, also while the file stalls", async () => {
    const { bytes } = await write(sampleHistory(3, 8000));
    expect(bytes.length).toBeGreaterThan(150_000);
    let cancel: () => void = () => undefined;
    const cancelled = new Promise<void>((resolve) => {
      cancel = resolve;
    });
    const file = new ReadableStream<Uint8Array>({
      // Two chunks, and then a network that says nothing.
      start: (controller) => controller.enqueue(bytes.slice(0, 140_000)),
      cancel: () => cancel(),
    });
    const reader = await readMessageBackupFile({
      file,
      identities: [identity],
    });
    for await (const element of reader.elements) {
      expect(element.view.kind).toBe("metadata");
      break;
    }
    await cancelled;
    expect(() => reader.verified()).toThrow("not been read to their end");
  });

  it("stops when the signal fires, also while the file stalls", async () => {
    const controller = new AbortController();
    const file = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(whole.bytes.slice(0, 50)),
    });
    const reading = verifyMessageBackupFile({
      file,
      identities: [identity],
      signal: controller.signal,
    });
    controller.abort(new Error("enough"));
    expect(await codeOf(reading)).toBe("aborted");
  });

  it("does not begin when the signal has fired", async () => {
    expect(
      await codeOf(
        verifyMessageBackupFile({
          ...options(whole.bytes),
          signal: AbortSignal.abort(),
        }),
      ),
    ).toBe("aborted");
  });

  it("says so when the file cannot be read", async () => {
    const file = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(whole.bytes.slice(0, 400)),
      pull() {
        throw new Error("the network is gone");
      },
    });
    const reading = verifyMessageBackupFile({ file, identities: [identity] });
    expect(await codeOf(reading)).toBe("sourceFailed");
    await expect(reading).rejects.toMatchObject({
      retryable: true,
      cause: expect.objectContaining({
        message: "the network is gone",
      }) as Error,
    });
  });
});

describe("writing", () => {
  it("asks for elements only as fast as the file is read", async () => {
    let asked = 0;
    async function* elements() {
      yield sampleMetadata();
      for (;;) {
        asked += 1;
        yield sampleMessage(
          0,
          asked,
          crypto.getRandomValues(new Uint8Array(20_000)),
        );
      }
    }
    const { file, finished } = writeMessageBackupFile({
      header: sampleHeader,
      elements: elements(),
      recipients: [recipient],
    });
    const reader = file.getReader();
    let read = 0;
    for (let i = 0; i < 60; i += 1) {
      const { value } = await reader.read();
      read += value?.length ?? 0;
      expect(asked * 20_000 - read).toBeLessThan(2_000_000);
    }
    expect(read).toBeGreaterThan(3_000_000);
    await reader.cancel();
    expect(await codeOf(finished)).toBe("aborted");
  });

  it("tells how far it is", async () => {
    const seen: WriteProgress[] = [];
    const { sizeBytes } = await write(history, {
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.at(-1)).toEqual({
      elements: history.length,
      messages: 30,
      fileBytes: sizeBytes,
    });
  });

  it.each([
    ["no recipient", []],
    ["a malformed recipient", ["age1nothing"]],
  ])("for %s fails before any element is asked for", async (_, recipients) => {
    let asked = false;
    async function* elements() {
      asked = true;
      yield sampleMetadata();
    }
    expect(await codeOf(write(elements(), { recipients }))).toBe(
      "recipientInvalid",
    );
    expect(asked).toBe(false);
  });

  it("fails on an element above the limit, and on too many conversations", async () => {
    const limits = { maxElementBytes: 100, maxConversations: 2 };
    expect(
      await codeOf(
        write([sampleMessage(0, 0, new Uint8Array(200))], { limits }),
      ),
    ).toBe("recordTooLarge");
    expect(
      await codeOf(
        write(sampleHistory(3, 0), { limits: { maxConversations: 2 } }),
      ),
    ).toBe("limitExceeded");
  });

  it("hands on what its source of elements throws", async () => {
    const gone = new BackupFileError("sourceFailed", "the disk is gone");
    async function* elements() {
      yield sampleMetadata();
      throw gone;
    }
    const { file, finished } = writeMessageBackupFile({
      header: sampleHeader,
      elements: elements(),
      recipients: [recipient],
    });
    await expect(readAll(file)).rejects.toBe(gone);
    await expect(finished).rejects.toBe(gone);
  });

  it("stops when the signal fires", async () => {
    const controller = new AbortController();
    async function* elements() {
      for (let n = 0; ; n += 1) {
        if (n === 100) controller.abort();
        yield sampleMessage(
          0,
          n,
          crypto.getRandomValues(new Uint8Array(50_000)),
        );
      }
    }
    expect(await codeOf(write(elements(), { signal: controller.signal }))).toBe(
      "aborted",
    );
  });

  it("never encrypts twice under the same file key or nonce", async () => {
    const again = await write();
    const headerEnd = (bytes: Uint8Array) =>
      Buffer.from(bytes).indexOf("\n---") + 50;
    const a = Buffer.from(whole.bytes);
    const b = Buffer.from(again.bytes);
    expect(a.subarray(headerEnd(a), headerEnd(a) + 64)).not.toEqual(
      b.subarray(headerEnd(b), headerEnd(b) + 64),
    );
    expect(a.subarray(0, headerEnd(a))).not.toEqual(
      b.subarray(0, headerEnd(b)),
    );
  });
});
