import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import {
  BackupFileError,
  type BackupFileLimits,
  type BackupFilePorts,
  readMessageBackupFile,
  readXmtpArchive,
} from "@carryover/backup-file";
import { describe, expect, it } from "vitest";

const folder = new URL(
  "../../../vectors/message-backup-file/",
  import.meta.url,
);
const names = (kind: "files" | "archives"): string[] =>
  readdirSync(new URL(kind, folder))
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));
const bytesOf = (path: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(path, folder)));
const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

interface FileVector {
  readonly identity: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly limits?: Partial<BackupFileLimits>;
  readonly error?: string;
  readonly header?: unknown;
  readonly manifest?: unknown;
  readonly elements?: readonly string[];
}
interface ArchiveVector {
  readonly key: string;
  readonly error?: string;
  readonly elements?: readonly string[];
  readonly nonces?: string;
}
const vector = <Vector>(path: string): Vector =>
  JSON.parse(readFileSync(new URL(path, folder), "utf8")) as Vector;

/** As in the vectors: hex, decimal strings, nothing for `undefined`. */
const neutral = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === "bigint"
        ? String(part)
        : part instanceof Uint8Array
          ? Buffer.from(part).toString("hex")
          : part,
    ),
  );
/** What `read` gives, or the code of its error. */
const outcome = async (read: () => Promise<object>): Promise<unknown> => {
  try {
    return neutral(await read());
  } catch (error) {
    if (error instanceof BackupFileError) return { error: error.code };
    throw error;
  }
};

/** That an implementation of the ports reads all test vectors as they say. */
export const describeBackupFileVectors = (
  name: string,
  ports: BackupFilePorts,
): void => {
  describe(`${name}: Message Backup Files`, () => {
    it.each(names("files"))("%s", async (file) => {
      const expected = vector<FileVector>(`files/${file}.json`);
      const bytes = bytesOf(`files/${file}.age`);
      const found = await outcome(async () => {
        const reader = await readMessageBackupFile({
          file: new Blob([bytes]).stream(),
          identities: [expected.identity],
          ports,
          ...(expected.limits === undefined ? {} : { limits: expected.limits }),
        });
        const elements: string[] = [];
        for await (const record of reader.elements)
          elements.push(sha256(record.bytes));
        const { manifest, ...file } = reader.verified();
        return { ...file, header: reader.header, elements, manifest };
      });
      expect(found).toEqual(
        expected.error === undefined
          ? {
              sizeBytes: expected.sizeBytes,
              sha256: expected.sha256,
              header: expected.header,
              elements: expected.elements,
              manifest: expected.manifest,
            }
          : { error: expected.error },
      );
    });
  });

  describe(`${name}: XMTP archives`, () => {
    it.each(names("archives"))("%s", async (file) => {
      const expected = vector<ArchiveVector>(`archives/${file}.json`);
      const bytes = bytesOf(`archives/${file}.bin`);
      const found = await outcome(async () => {
        const reader = await readXmtpArchive({
          archive: new Blob([bytes]).stream(),
          key: new Uint8Array(Buffer.from(expected.key, "hex")),
          ports,
        });
        const elements: string[] = [];
        for await (const record of reader.elements)
          elements.push(sha256(record.bytes));
        return { elements, nonces: reader.end().nonces };
      });
      expect(found).toEqual(
        expected.error === undefined
          ? { elements: expected.elements, nonces: expected.nonces }
          : { error: expected.error },
      );
    });
  });
};
