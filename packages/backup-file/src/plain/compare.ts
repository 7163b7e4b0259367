import { BackupFileError } from "../errors.js";
import type { ElementCounts } from "./counter.js";

const differ = (path: string, manifest: unknown, found: unknown): never => {
  throw new BackupFileError(
    "countMismatch",
    `manifest.${path}: the manifest says ${String(manifest)}, the file has ${String(found)}`,
  );
};

/**
 * Compares what a manifest says with what was counted.
 *
 * @throws BackupFileError `countMismatch`, with the field's path
 */
export const compareCounts = (
  manifest: ElementCounts,
  found: ElementCounts,
): void => {
  for (const field of [
    "elementCount",
    "groupCount",
    "messageCount",
    "consentCount",
    "elementBytes",
  ] as const)
    if (manifest[field] !== found[field])
      differ(field, manifest[field], found[field]);

  if (manifest.conversations.length !== found.conversations.length)
    differ(
      "conversations.length",
      manifest.conversations.length,
      found.conversations.length,
    );
  found.conversations.forEach((counted, index) => {
    const said = manifest.conversations[index];
    for (const field of [
      "conversationId",
      "conversationType",
      "messageCount",
      "firstSentAtNs",
      "lastSentAtNs",
    ] as const)
      if (said?.[field] !== counted[field])
        differ(
          `conversations[${index}].${field}`,
          said?.[field],
          counted[field],
        );
  });

  if (manifest.unknownKinds.length !== found.unknownKinds.length)
    differ(
      "unknownKinds.length",
      manifest.unknownKinds.length,
      found.unknownKinds.length,
    );
  found.unknownKinds.forEach((counted, index) => {
    const said = manifest.unknownKinds[index];
    if (
      said?.fieldNumber !== counted.fieldNumber ||
      said.count !== counted.count
    )
      differ(`unknownKinds[${index}].count`, said?.count, counted.count);
  });
};
