/**
 * Message Backup Files and XMTP archives, both ways, in constant memory. Runs in Node, browsers and workers.
 *
 * ```ts
 * // Write: elements of an XMTP archive, without the backup channels, into a file for one recipient.
 * const archive = await readXmtpArchive({ archive: archiveStream, key, ports });
 * const kept = filterElements({ elements: archive.elements, conversations: backupChannels });
 * const { file, finished } = writeMessageBackupFile({
 *   header, elements: kept.elements, leftOut: kept.leftOut, recipients: ["age1…"], ports,
 * });
 * await upload(file); // pulls everything through
 * const { sizeBytes, sha256, manifest } = await finished;
 *
 * // Read: verify the whole file first, then read it again and import it in batches.
 * const { header } = await verifyMessageBackupFile({ file: open(), identities: ["AGE-SECRET-KEY-1…"], ports });
 * const reader = await readMessageBackupFile({ file: open(), identities, ports });
 * for await (const batch of planImportBatches({ elements: reader.elements })) {
 *   if (batch.kind === "passedOver") continue; // counted and reported, not imported
 *   const { archive } = writeXmtpArchive({ elements: batch.elements, key, ports });
 *   // write it to a private temporary file, importArchive(path, key) with a time-out
 * }
 * ```
 *
 * Everything that outside bytes can cause is a {@link BackupFileError} with a `code`.
 *
 * @packageDocumentation
 */
export { BackupFileError, type BackupFileErrorCode } from "./errors.js";
export { defaultLimits, type BackupFileLimits } from "./limits.js";

// The Message Backup File
export {
  writeMessageBackupFile,
  type MessageBackupFileWriter,
  type WriteMessageBackupFileOptions,
  type WriteProgress,
  type WrittenMessageBackupFile,
} from "./write-message-backup.js";
export {
  readMessageBackupFile,
  verifyMessageBackupFile,
  type MessageBackupFileReader,
  type ReadMessageBackupFileOptions,
  type ReadProgress,
  type VerifiedEnd,
  type VerifiedMessageBackupFile,
} from "./read-message-backup.js";
export type {
  BackupScope,
  ConversationCount,
  LeftOut,
  MessageBackupHeader,
  MessageBackupHeaderInput,
  MessageBackupManifest,
  Producer,
  UnknownKindCount,
} from "./plain/types.js";
export { FORMAT_NAME, FORMAT_VERSION } from "./plain/codec.js";
export type { AgeIdentity, AgeRecipient } from "./age/header.js";

// The XMTP archive
export {
  readXmtpArchive,
  XMTP_ARCHIVE_VERSION,
  type ArchiveNonces,
  type ReadXmtpArchiveOptions,
  type XmtpArchiveEnd,
  type XmtpArchiveReader,
} from "./archive/read-archive.js";
export {
  ARCHIVE_KEY_BYTES,
  writeXmtpArchive,
  type WriteXmtpArchiveOptions,
  type WrittenXmtpArchive,
  type XmtpArchiveWriter,
} from "./archive/write-archive.js";
export {
  createMetadataElement,
  type ArchiveMetadataInput,
} from "./archive/metadata.js";
export {
  planImportBatches,
  type ImportBatch,
  type PlanImportBatchesOptions,
} from "./plan-import-batches.js";

// Elements
export { elementRecord } from "./element/record.js";
export type {
  BackupElementRecord,
  ConsentView,
  ConversationType,
  ElementView,
  GroupView,
  MessageView,
  MetadataView,
  UnknownView,
} from "./element/view.js";
export {
  filterElements,
  type FilteredElements,
  type FilterElementsOptions,
} from "./filter-elements.js";

// Files of either kind
export {
  detectFormat,
  detectFormatOfStream,
  DETECT_BYTES,
  type BackupFileFormat,
} from "./detect.js";
export {
  inspectBackupFile,
  type BackupFileSummary,
  type InspectBackupFileOptions,
  type MessageBackupFileSummary,
  type XmtpArchiveSummary,
} from "./inspect.js";
export {
  createOwnerCheck,
  type OwnerCheck,
  type OwnerVerdict,
} from "./owner-check.js";
export {
  createElementCounter,
  type ElementCounter,
  type ElementCounts,
} from "./plain/counter.js";

// Platform parts
export { createPortablePorts } from "./ports/portable.js";
export type {
  Aead,
  BackupFilePorts,
  ByteTransform,
  Sha256,
} from "./ports/ports.js";
export { readAll } from "./bytes/streams.js";
