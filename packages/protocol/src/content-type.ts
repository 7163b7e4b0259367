/** The XMTP content type under which a signed {@link PadlockEnvelope} travels in a backup channel. */
export const backupMessageContentType = {
  authorityId: "xip-31",
  typeId: "padlock-envelope",
  versionMajor: 1,
  versionMinor: 0,
} as const;

/** Marks a group as a backup channel: the text that its `appData` starts with. What follows is the call id. */
export const backupChannelMarker = "xip-31/backup-channel/1:";

/** Largest content of a backup message, in bytes. Anything longer is refused before it is parsed. */
export const maxBackupMessageBytes = 64 * 1024;
