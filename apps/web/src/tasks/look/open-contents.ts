import {
  type AgeIdentity,
  type BackupElementRecord,
  BackupFileError,
  createElementCounter,
  defaultLimits,
  readMessageBackupFile,
  readXmtpArchive,
} from "@carryover/backup-file";
import {
  accountFileFromBlob,
  AccountFileError,
  lookInsideBackupAccountFile,
  type SecretChoice,
} from "@carryover/xmtp-browser";
import { problemOf } from "../../errors/problem.js";
import { printable } from "../../text/format.js";
import type { ChosenFile } from "../shared/chosen-file.js";
import type { Bound } from "../shared/long-work.js";
import type { Contents, LookSecret } from "./look-state.js";

/**
 * Reads a file of any kind to its end, checks all of it, and says what is in it. Nothing leaves the machine.
 *
 * @throws {AccountFileError} for a Backup Account File that does not open
 * @throws {BackupFileError} for a file of history that does not open
 */
export async function openContents(
  { blob }: ChosenFile,
  secret: LookSecret,
  bound: Bound,
): Promise<Contents> {
  if (secret.kind === "archiveKey")
    return await openArchive(blob, secret, bound);
  try {
    return await openAccountFile(blob, secret, bound);
  } catch (error) {
    // Both kinds of file are age files: which one it is shows once it is open.
    if (
      secret.kind === "identities" &&
      error instanceof AccountFileError &&
      error.code === "notAccountFile"
    )
      return await openBackup(blob, secret.identities, bound);
    throw error;
  }
}

async function openAccountFile(
  blob: Blob,
  secret: SecretChoice,
  { signal, onProgress }: Bound,
): Promise<Contents> {
  onProgress({ phase: "openingFile" });
  const { file, conversations } = await lookInsideBackupAccountFile({
    file: accountFileFromBlob(blob),
    secret,
    signal,
  });
  return {
    kind: "accountFile",
    inspected: file,
    conversations: Array.isArray(conversations)
      ? conversations
      : problemOf(conversations),
  };
}

const verifying = (blob: Blob, { onProgress }: Bound) => ({
  onProgress: ({ fileBytes }: { fileBytes: number }) =>
    onProgress({
      phase: "verifying",
      bytes: fileBytes,
      totalBytes: blob.size,
    }),
});

async function openBackup(
  blob: Blob,
  identities: readonly AgeIdentity[],
  bound: Bound,
): Promise<Contents> {
  const reader = await readMessageBackupFile({
    file: blob.stream(),
    identities,
    expectedSizeBytes: blob.size,
    signal: bound.signal,
    ...verifying(blob, bound),
  });
  const names = await namesIn(reader.elements);
  const { manifest, sizeBytes, sha256 } = reader.verified();
  return {
    kind: "history",
    names,
    summary: {
      format: "messageBackupFile",
      header: reader.header,
      counts: manifest,
      leftOut: manifest.leftOut,
      sizeBytes,
      sha256,
    },
  };
}

async function openArchive(
  blob: Blob,
  { key }: LookSecret & { kind: "archiveKey" },
  bound: Bound,
): Promise<Contents> {
  const reader = await readXmtpArchive({
    archive: blob.stream(),
    key,
    signal: bound.signal,
    ...verifying(blob, bound),
  });
  const counter = createElementCounter(defaultLimits);
  const names = await namesIn(reader.elements, (record) => counter.add(record));
  return {
    kind: "history",
    names,
    summary: {
      format: "xmtpArchive",
      archiveVersion: reader.archiveVersion,
      metadata: reader.metadata,
      counts: counter.counts(),
      sizeBytes: reader.end().sizeBytes,
    },
  };
}

/** Reads to the end: only then is the file known to be whole. */
async function namesIn(
  elements: AsyncIterable<BackupElementRecord>,
  each: (record: BackupElementRecord) => void = () => undefined,
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for await (const record of elements) {
    each(record);
    const { view } = record;
    if (view.kind !== "group") continue;
    const name = printable(view.attributes.get("group_name") ?? "");
    if (name !== "") names.set(view.conversationId, name);
    if (names.size > defaultLimits.maxConversations)
      throw new BackupFileError("limitExceeded", "too many conversations");
  }
  return names;
}
