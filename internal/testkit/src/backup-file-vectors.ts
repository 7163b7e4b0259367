import { readdirSync, readFileSync } from "node:fs";
import type { BackupFileLimits, BackupFilePorts } from "@carryover/backup-file";
import { describe, expect, it } from "vitest";
import {
  type ArchiveVectorInput,
  type FileVectorInput,
  readArchiveVector,
  readFileVector,
} from "./read-vectors.js";

const folder = new URL(
  "../../../vectors/message-backup-file/",
  import.meta.url,
);
const names = (kind: "files" | "archives"): string[] =>
  readdirSync(new URL(kind, folder))
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));
const bytesOf = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(path, folder)));

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

/** Who reads the vectors: in this process, or in a page. */
export interface VectorReader {
  readFile(input: FileVectorInput): Promise<unknown>;
  readArchive(input: ArchiveVectorInput): Promise<unknown>;
}

/** That an implementation of the ports reads all test vectors as they say. */
export const describeBackupFileVectors = (
  name: string,
  ports: BackupFilePorts,
): void =>
  describeVectorReader(name, {
    readFile: (input) => readFileVector(input, ports),
    readArchive: (input) => readArchiveVector(input, ports),
  });

/** That somebody reads all test vectors as they say. */
export const describeVectorReader = (
  name: string,
  reader: VectorReader,
): void => {
  describe(`${name}: Message Backup Files`, () => {
    it.each(names("files"))("%s", async (file) => {
      const expected = vector<FileVector>(`files/${file}.json`);
      const found = await reader.readFile({
        bytes: bytesOf(`files/${file}.age`),
        identity: expected.identity,
        limits: expected.limits,
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
      const found = await reader.readArchive({
        bytes: bytesOf(`archives/${file}.bin`),
        key: new Uint8Array(Buffer.from(expected.key, "hex")),
      });
      expect(found).toEqual(
        expected.error === undefined
          ? { elements: expected.elements, nonces: expected.nonces }
          : { error: expected.error },
      );
    });
  });
};
