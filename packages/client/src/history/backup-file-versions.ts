/** Versions of the Message Backup File that this engine reads and writes, best first. */
export const supportedBackupFileVersions = [1] as const;

/** The best version that both sides know, or `undefined`. */
export function commonBackupFileVersion(
  offered: readonly number[],
): number | undefined {
  return supportedBackupFileVersions.find((version) =>
    offered.includes(version),
  );
}
