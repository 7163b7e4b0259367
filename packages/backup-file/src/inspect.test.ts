import { describe, expect, it } from "vitest";
import { readAll } from "./bytes/streams.js";
import { writeXmtpArchive } from "./archive/write-archive.js";
import { detectFormat, DETECT_BYTES } from "./detect.js";
import { inspectBackupFile } from "./inspect.js";
import { createOwnerCheck } from "./owner-check.js";
import { streamOfBytes } from "./testing/bytes.js";
import { codeOf } from "./testing/codes.js";
import {
  ownerInboxId,
  sampleGroup,
  sampleHeader,
  sampleHistory,
  sampleMessage,
} from "./testing/samples.js";
import { createTestIdentity } from "./testing/seal.js";
import { writeMessageBackupFile } from "./write-message-backup.js";

const { identity, recipient } = await createTestIdentity();
const key = new Uint8Array(32).fill(4);
const history = sampleHistory(2, 5);
const file = await readAll(
  writeMessageBackupFile({
    header: sampleHeader,
    elements: history,
    recipients: [recipient],
  }).file,
);
const archive = await readAll(
  writeXmtpArchive({ elements: history, key }).archive,
);
const secret = new TextEncoder().encode("a secret that nobody may see");

describe("detectFormat", () => {
  it("tells the two formats apart", () => {
    expect(detectFormat(file)).toBe("messageBackupFile");
    expect(detectFormat(archive)).toBe("xmtpArchive");
    expect(detectFormat(new Uint8Array(100))).toBe("unknown");
  });

  it("needs no more than it says, and no less", () => {
    for (const bytes of [file, archive]) {
      expect(detectFormat(bytes.subarray(0, DETECT_BYTES))).not.toBe("unknown");
      expect(detectFormat(bytes.subarray(0, DETECT_BYTES - 1))).toBe("unknown");
    }
  });
});

describe("inspectBackupFile", () => {
  it.each([1, 100_000])(
    "says what is in a Message Backup File (pieces of %i)",
    async (size) => {
      const summary = await inspectBackupFile({
        file: streamOfBytes(file, size),
        identities: [identity],
      });
      expect(summary).toMatchObject({
        format: "messageBackupFile",
        header: { inboxId: ownerInboxId, producer: { name: "carryover-test" } },
        counts: {
          messageCount: 10,
          groupCount: 2,
          consentCount: 2,
          conversations: { length: 2 },
        },
        leftOut: [],
        sizeBytes: file.length,
      });
    },
  );

  it.each([1, 100_000])(
    "says what is in an XMTP archive (pieces of %i)",
    async (size) => {
      const summary = await inspectBackupFile({
        file: streamOfBytes(archive, size),
        archiveKey: key,
      });
      expect(summary).toMatchObject({
        format: "xmtpArchive",
        archiveVersion: 0,
        metadata: { selection: ["messages", "consent"] },
        counts: { messageCount: 10, conversations: { length: 2 } },
        sizeBytes: archive.length,
      });
    },
  );

  it("has no content of messages and no names in what it says", async () => {
    const bytes = await readAll(
      writeXmtpArchive({
        elements: [...history, sampleMessage(0, 9, secret)],
        key,
      }).archive,
    );
    const summary = await inspectBackupFile({
      file: streamOfBytes(bytes),
      archiveKey: key,
    });
    const shown = JSON.stringify(summary, (_, value: unknown) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    expect(shown).not.toContain("secret");
    expect(shown).not.toContain("group 0");
  });

  it.each([
    [
      "without the key of its kind",
      file,
      { archiveKey: key },
      "identityInvalid",
    ],
    [
      "archive without its key",
      archive,
      { identities: [identity] },
      "archiveKeyInvalid",
    ],
    [
      "of neither kind",
      new Uint8Array(200),
      { archiveKey: key },
      "formatUnknown",
    ],
    ["that is empty", new Uint8Array(0), { archiveKey: key }, "formatUnknown"],
    [
      "that is cut",
      archive.subarray(0, archive.length - 1),
      { archiveKey: key },
      "archiveTruncated",
    ],
  ])("refuses a file %s", async (_, bytes, keys, code) => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (bytes.length > 0) controller.enqueue(bytes.slice());
        controller.close();
      },
      cancel() {
        cancelled = true;
      },
    });
    expect(await codeOf(inspectBackupFile({ file: stream, ...keys }))).toBe(
      code,
    );
    expect(cancelled).toBe(false);
  });
});

describe("createOwnerCheck", () => {
  const verdict = (inboxId: string, groups: readonly number[]) => {
    const check = createOwnerCheck(inboxId);
    for (const n of groups) check.add(sampleGroup(n));
    return check.verdict();
  };

  it("finds an inbox that takes part in every DM consistent", () => {
    expect(verdict(ownerInboxId, [0, 1, 3])).toBe("consistent");
  });
  it("finds an inbox that takes no part in a DM foreign", () => {
    expect(verdict("0c".repeat(32), [0, 1])).toBe("foreign");
  });
  it("knows nothing without a DM", () => {
    expect(verdict("0c".repeat(32), [0, 2])).toBe("unknown");
  });
});
