import { backupChannelMarker } from "@carryover/protocol";

/**
 * True for the record of a backup channel. Asked when writing and when reading: a channel that a hostile backup made up
 * must not pass for one after the import.
 */
export function isBackupChannelGroup(view: {
  attributes: ReadonlyMap<string, string>;
}): boolean {
  return (
    view.attributes.get("app_data")?.startsWith(backupChannelMarker) ?? false
  );
}
