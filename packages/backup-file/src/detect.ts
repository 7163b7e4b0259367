import { ageIntro } from "./age/header.js";

/** What a file of history can be. */
export type BackupFileFormat = "messageBackupFile" | "xmtpArchive" | "unknown";

/** How many bytes {@link detectFormat} needs to be sure. */
export const DETECT_BYTES = 22;

const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];
const ARCHIVE_HEADER_BYTES = 14;

/**
 * Tells a Message Backup File from an XMTP archive by the first bytes. Anything else, and less than
 * {@link DETECT_BYTES} bytes, is `unknown`. That a file looks like one says nothing about the rest of it; an encrypted
 * Backup Account File looks like a Message Backup File until it is opened.
 */
export const detectFormat = (start: Uint8Array): BackupFileFormat => {
  if (start.length < DETECT_BYTES) return "unknown";
  if ([...ageIntro].every((char, i) => start[i] === char.charCodeAt(0)))
    return "messageBackupFile";
  // The archive's version is two bytes; those of the foreseeable future have a zero in the second.
  if (
    start[1] === 0 &&
    zstdMagic.every((byte, i) => start[ARCHIVE_HEADER_BYTES + i] === byte)
  )
    return "xmtpArchive";
  return "unknown";
};
