import {
  BackupFileError,
  DETECT_BYTES,
  detectFormat,
} from "@carryover/backup-file";
import {
  accountFileFromBlob,
  inspectBackupAccountFile,
} from "@carryover/xmtp-browser";
import type { ChosenFile } from "../shared/chosen-file.js";
import type { Seen } from "./look-state.js";

/**
 * Says which key a file needs. Nothing leaves the machine.
 *
 * @throws {BackupFileError} `formatUnknown`
 * @throws {AccountFileError} for an encrypted file whose start is broken
 */
export async function lookAtFile(
  { blob }: ChosenFile,
  signal: AbortSignal,
): Promise<Seen> {
  const start = new Uint8Array(await blob.slice(0, DETECT_BYTES).arrayBuffer());
  switch (detectFormat(start)) {
    case "messageBackupFile": {
      const { protection } = await inspectBackupAccountFile({
        file: accountFileFromBlob(blob),
        signal,
      });
      return { kind: "encrypted", protection };
    }
    case "xmtpArchive":
      return { kind: "archive" };
    case "unknown":
      throw new BackupFileError(
        "formatUnknown",
        "neither a Backup Account File, nor a Message Backup File, nor an XMTP archive",
      );
  }
}
