import type { BackupFileSource } from "@carryover/client";
import { DETECT_BYTES, detectFormat } from "@carryover/backup-file";
import { open } from "node:fs/promises";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { askForIdentity } from "../profile/identity-file.js";
import { asUnreadable, readSecretFile } from "../profile/secret-file.js";
import { assertNamedFile } from "./named-file.js";

/** A backup file on this machine's disk. */
export interface LocalFile {
  readonly path: string;
  readonly format: "messageBackupFile" | "xmtpArchive" | "unknown";
  readonly sizeBytes: number;
  /** Opens it at its start. */
  open(): Promise<ReadableStream<Uint8Array>>;
}

/** What opens a file. Secrets come from files, the environment or a prompt. */
export interface SecretOptions {
  identityFile?: string;
  archiveKeyFile?: string;
}

/** @throws {CliError} `fileMissing`, `fileUnreadable` */
export async function openLocalFile(path: string): Promise<LocalFile> {
  const sizeBytes = await assertNamedFile(path);
  try {
    const handle = await open(path);
    try {
      const start = new Uint8Array(DETECT_BYTES);
      const { bytesRead } = await handle.read(start, 0, DETECT_BYTES, 0);
      return {
        path,
        format: detectFormat(start.subarray(0, bytesRead)),
        sizeBytes,
        open: () => streamFile(path),
      };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asUnreadable(error, path, "Nothing was changed.");
  }
}

/**
 * A file with what opens it, for the engine.
 *
 * @throws {CliError} `fileUnreadable`, before anybody is asked for a secret; what reading one throws
 */
export async function backupSource(
  context: CommandContext,
  file: LocalFile,
  secrets: SecretOptions,
): Promise<BackupFileSource> {
  if (file.format === "unknown")
    throw new CliError(
      "fileUnreadable",
      `${file.path} is neither a Message Backup File nor an XMTP archive`,
      "Nothing was opened. Check that it is the right file.",
    );
  return {
    open: () => file.open(),
    secret:
      file.format === "xmtpArchive"
        ? { kind: "archiveKey", key: await readArchiveKey(context, secrets) }
        : {
            kind: "ageIdentity",
            identity: await askForIdentity(context, secrets.identityFile),
          },
  };
}

/**
 * The key of an XMTP archive: 64 hex digits in a private file, or `CARRYOVER_ARCHIVE_KEY`.
 *
 * @throws {CliError} `secretMissing`, `fileMissing`, `fileUnreadable`, `notPrivate`
 */
export async function readArchiveKey(
  { environment }: CommandContext,
  { archiveKeyFile }: SecretOptions,
): Promise<Uint8Array> {
  const text =
    archiveKeyFile === undefined
      ? environment["CARRYOVER_ARCHIVE_KEY"]
      : await readSecretFile(archiveKeyFile, "Nothing was opened.");
  if (text === undefined)
    throw new CliError(
      "secretMissing",
      "this is an XMTP archive, and its key was not given",
      "Nothing was opened. Name a private file with the key in hex with --archive-key-file.",
    );
  const digits = text.trim().replace(/^0x/i, "");
  if (!/^[0-9a-f]{64}$/i.test(digits))
    throw new CliError(
      "fileUnreadable",
      "that is not the key of an XMTP archive",
      "Nothing was opened. A key has 64 hex digits.",
    );
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

async function streamFile(path: string): Promise<ReadableStream<Uint8Array>> {
  const handle = await open(path);
  const pieceBytes = 256 * 1024;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { bytesRead, buffer } = await handle.read(
          new Uint8Array(pieceBytes),
          0,
          pieceBytes,
        );
        if (bytesRead > 0) {
          controller.enqueue(buffer.subarray(0, bytesRead));
          return;
        }
        controller.close();
        await handle.close();
      },
      cancel: () => handle.close(),
    },
    { highWaterMark: 0 },
  );
}
