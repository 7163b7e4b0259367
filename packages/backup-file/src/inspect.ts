import { readXmtpArchive } from "./archive/read-archive.js";
import type { AgeIdentity } from "./age/header.js";
import { detectFormatOfStream } from "./detect.js";
import { BackupFileError } from "./errors.js";
import { withLimits, type BackupFileLimits } from "./limits.js";
import { createElementCounter, type ElementCounts } from "./plain/counter.js";
import type { LeftOut, MessageBackupHeader } from "./plain/types.js";
import type { BackupFilePorts } from "./ports/ports.js";
import { verifyMessageBackupFile } from "./read-message-backup.js";
import type { MetadataView } from "./element/view.js";

/** What {@link inspectBackupFile} needs. */
export interface InspectBackupFileOptions {
  /** A Message Backup File or an XMTP archive, from its first byte. */
  readonly file: ReadableStream<Uint8Array>;
  /** For a Message Backup File: one or more age secret keys. */
  readonly identities?: readonly AgeIdentity[];
  /** For an XMTP archive: its key, 32 bytes. */
  readonly archiveKey?: Uint8Array;
  readonly ports?: BackupFilePorts;
  readonly limits?: Partial<BackupFileLimits>;
  readonly onProgress?: (progress: { readonly fileBytes: number }) => void;
  readonly signal?: AbortSignal;
}

/** What is in a Message Backup File. */
export interface MessageBackupFileSummary {
  readonly format: "messageBackupFile";
  readonly header: MessageBackupHeader;
  readonly counts: ElementCounts;
  readonly leftOut: readonly LeftOut[];
  /** Bytes of the file. */
  readonly sizeBytes: number;
  /** SHA-256 of the file, 32 bytes. */
  readonly sha256: Uint8Array;
}

/** What is in an XMTP archive. It says neither whose it is nor whether it is whole. */
export interface XmtpArchiveSummary {
  readonly format: "xmtpArchive";
  readonly archiveVersion: number;
  readonly metadata: MetadataView;
  readonly counts: ElementCounts;
  /** Bytes of the file. */
  readonly sizeBytes: number;
}

/** What is in a file, without any content of messages. */
export type BackupFileSummary = MessageBackupFileSummary | XmtpArchiveSummary;

/**
 * Reads a file of either kind to its end, checks all of it, and says what is in it.
 *
 * @throws BackupFileError `formatUnknown`; `identityInvalid` or `archiveKeyInvalid` when the key for its kind is not
 *   given; and for anything that is wrong with it
 */
export const inspectBackupFile = async (
  options: InspectBackupFileOptions,
): Promise<BackupFileSummary> => {
  const { format, file } = await detectFormatOfStream(
    options.file,
    options.signal,
  );
  const { ports, limits, onProgress, signal } = options;
  const common = {
    ...(ports === undefined ? {} : { ports }),
    ...(limits === undefined ? {} : { limits }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  };
  const refuse = async (error: BackupFileError): Promise<never> => {
    await file.cancel();
    throw error;
  };
  switch (format) {
    case "unknown":
      return refuse(
        new BackupFileError(
          "formatUnknown",
          "neither a Message Backup File nor an XMTP archive",
        ),
      );
    case "messageBackupFile": {
      if (options.identities === undefined)
        return refuse(
          new BackupFileError("identityInvalid", "there is no identity"),
        );
      const { header, manifest, sizeBytes, sha256 } =
        await verifyMessageBackupFile({
          ...common,
          file,
          identities: options.identities,
        });
      return {
        format,
        header,
        counts: manifest,
        leftOut: manifest.leftOut,
        sizeBytes,
        sha256,
      };
    }
    case "xmtpArchive": {
      if (options.archiveKey === undefined)
        return refuse(
          new BackupFileError("archiveKeyInvalid", "there is no archive key"),
        );
      const counter = createElementCounter(withLimits(limits));
      const archive = await readXmtpArchive({
        ...common,
        archive: file,
        key: options.archiveKey,
      });
      for await (const record of archive.elements) counter.add(record);
      return {
        format,
        archiveVersion: archive.archiveVersion,
        metadata: archive.metadata,
        counts: counter.counts(),
        sizeBytes: archive.end().sizeBytes,
      };
    }
  }
};
