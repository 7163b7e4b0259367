import {
  type BackupElementRecord,
  type BackupFilePorts,
  createMetadataElement,
  readXmtpArchive,
  type XmtpArchiveReader,
} from "@carryover/backup-file";
import type { BackupElement } from "@carryover/protocol";
import type { ExportedArchive } from "../ports/history.js";

/**
 * The elements of an export, as one archive would have them: metadata and consent, all conversations, all messages.
 *
 * @param elements - what was exported
 * @throws BackupFileError for an archive that cannot be read
 */
export async function readExported(
  { archive, key, further = [] }: ExportedArchive,
  {
    elements,
    ...options
  }: {
    elements: readonly BackupElement[];
    ports: BackupFilePorts;
    signal?: AbortSignal;
  },
): Promise<AsyncIterable<BackupElementRecord>> {
  const first = await readXmtpArchive({ archive, key, ...options });
  if (further.length === 0) return first.elements;
  const readers = [first];
  for (const part of further)
    readers.push(await readXmtpArchive({ ...part, ...options }));
  return joined(readers, elements);
}

async function* joined(
  readers: readonly XmtpArchiveReader[],
  selection: readonly BackupElement[],
): AsyncGenerator<BackupElementRecord> {
  const parts = readers.map(
    ({ elements }): AsyncIterator<BackupElementRecord, unknown> =>
      elements[Symbol.asyncIterator](),
  );
  try {
    const exportedAtNs = readers[0]?.metadata.exportedAtNs ?? 0n;
    // Each part's own says of which time it is.
    yield createMetadataElement({ exportedAtNs, selection });
    const firstMessages: (BackupElementRecord | undefined)[] = [];
    for (const part of parts) {
      let message: BackupElementRecord | undefined;
      for (;;) {
        const step = await part.next();
        if (step.done === true) break;
        const { kind } = step.value.view;
        if (kind === "message") {
          message = step.value;
          break;
        }
        if (kind !== "metadata") yield step.value;
      }
      firstMessages.push(message);
    }
    for (const [index, part] of parts.entries()) {
      const message = firstMessages[index];
      if (message === undefined) continue;
      yield message;
      for (;;) {
        const step = await part.next();
        if (step.done === true) break;
        yield step.value;
      }
    }
  } finally {
    for (const part of parts) await part.return?.();
  }
}
