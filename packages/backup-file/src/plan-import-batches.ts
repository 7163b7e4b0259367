import type { BackupElementRecord } from "./element/view.js";
import { BackupFileError } from "./errors.js";
import { defaultLimits } from "./limits.js";

/** What {@link planImportBatches} needs. */
export interface PlanImportBatchesOptions {
  /** Verified elements, metadata first. */
  readonly elements:
    AsyncIterable<BackupElementRecord> | Iterable<BackupElementRecord>;
  /** Messages in one batch at most; 2,000 unless told. */
  readonly maxMessages?: number;
  /** Bytes of messages in one batch at most, but for a single larger message; 8 MiB unless told. */
  readonly maxBytes?: number;
  /** Conversations whose records are kept until their messages come; 200,000 unless told. */
  readonly maxConversations?: number;
  /** Bytes of conversation records kept; 64 MiB unless told. */
  readonly maxConversationBytes?: number;
}

/** A bounded part of an import, complete in itself: write it with `writeXmtpArchive` and import it. */
export type ImportBatch =
  | {
      readonly kind: "messages";
      /** The metadata, the conversations of these messages, then the messages. */
      readonly elements: readonly BackupElementRecord[];
      readonly messageCount: number;
      /** Conversations whose record is in this batch. */
      readonly conversationIds: readonly string[];
      /** Bytes of all elements. */
      readonly bytes: number;
    }
  | {
      readonly kind: "conversations";
      /** The metadata and conversations without messages. */
      readonly elements: readonly BackupElementRecord[];
      readonly conversationIds: readonly string[];
      readonly bytes: number;
    }
  | {
      readonly kind: "consent";
      /** The metadata and consent records. */
      readonly elements: readonly BackupElementRecord[];
      readonly consentCount: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "passedOver";
      /** Elements of kinds that XMTP's importer would ignore, or could not be given. Nothing to import. */
      readonly elements: readonly BackupElementRecord[];
      /**
       * `unknownKind`: not known to this version. `messageWithoutConversation`: its conversation's record did not come
       * before it; importing it would fail unless the client has the conversation.
       */
      readonly reason: "unknownKind" | "messageWithoutConversation";
      readonly bytes: number;
    };

const MiB = 1024 * 1024;

/** A copy that does not keep the piece of file alive that the element was cut from. */
const detached = (record: BackupElementRecord): BackupElementRecord => ({
  bytes: record.bytes.slice(),
  view: record.view,
});

/** Elements that wait for their batch. */
const createPile = () => {
  let records: BackupElementRecord[] = [];
  let bytes = 0;
  return {
    get count() {
      return records.length;
    },
    get bytes() {
      return bytes;
    },
    add(record: BackupElementRecord): void {
      records.push(record);
      bytes += record.bytes.length;
    },
    take(): readonly BackupElementRecord[] {
      const taken = records;
      records = [];
      bytes = 0;
      return taken;
    },
  };
};

const bytesOf = (records: readonly BackupElementRecord[]): number =>
  records.reduce((sum, { bytes }) => sum + bytes.length, 0);

/**
 * Cuts verified elements into bounded batches for XMTP's importer, which commits record by record: a failed or stopped
 * import is continued with the batch that failed.
 *
 * A batch of messages has the records of their conversations before them, also where an earlier batch had them: the
 * importer puts a conversation's last-message time right only for conversations in the archive. Conversations without
 * messages come after the messages, in batches of their own; consent last. Memory: one batch, and the records of the
 * conversations seen so far.
 *
 * @throws BackupFileError `archiveMetadataMissing`, `limitExceeded`; or what `elements` throws
 */
export async function* planImportBatches(
  options: PlanImportBatchesOptions,
): AsyncGenerator<ImportBatch, void, undefined> {
  const {
    maxMessages = 2000,
    maxBytes = 8 * MiB,
    maxConversations = defaultLimits.maxConversations,
    maxConversationBytes = 64 * MiB,
  } = options;
  const groups = new Map<
    string,
    { record: BackupElementRecord; imported: boolean }
  >();
  let groupBytes = 0;
  let metadata: BackupElementRecord | undefined;
  const messages = createPile();
  const needed = new Set<string>();
  const consent = createPile();
  const unknown = createPile();
  const orphans = createPile();

  const withMetadata = (
    rest: readonly BackupElementRecord[],
  ): BackupElementRecord[] => {
    if (metadata === undefined)
      throw new BackupFileError(
        "archiveMetadataMissing",
        "element 0: expected metadata",
      );
    return [metadata, ...rest];
  };

  const messageBatch = (): ImportBatch => {
    const conversationIds = [...needed];
    needed.clear();
    const records: BackupElementRecord[] = [];
    for (const id of conversationIds) {
      const group = groups.get(id);
      if (group === undefined) continue;
      group.imported = true;
      records.push(group.record);
    }
    const messageCount = messages.count;
    const elements = withMetadata([...records, ...messages.take()]);
    return {
      kind: "messages",
      elements,
      messageCount,
      conversationIds,
      bytes: bytesOf(elements),
    };
  };
  const consentBatch = (): ImportBatch => {
    const consentCount = consent.count;
    const elements = withMetadata(consent.take());
    return {
      kind: "consent",
      elements,
      consentCount,
      bytes: bytesOf(elements),
    };
  };
  const passedOver = (
    pile: typeof unknown,
    reason: "unknownKind" | "messageWithoutConversation",
  ): ImportBatch => {
    const elements = pile.take();
    return { kind: "passedOver", elements, reason, bytes: bytesOf(elements) };
  };
  const full = (pile: typeof unknown): boolean =>
    pile.count >= maxMessages || pile.bytes >= maxBytes;

  for await (const record of options.elements) {
    const { view } = record;
    if (metadata === undefined) {
      if (view.kind !== "metadata")
        throw new BackupFileError(
          "archiveMetadataMissing",
          `element 0: expected metadata, got ${view.kind}`,
        );
      metadata = detached(record);
      continue;
    }
    switch (view.kind) {
      case "metadata":
        break;
      case "group": {
        groupBytes +=
          record.bytes.length -
          (groups.get(view.conversationId)?.record.bytes.length ?? 0);
        groups.set(view.conversationId, {
          record: detached(record),
          imported: false,
        });
        if (groups.size > maxConversations || groupBytes > maxConversationBytes)
          throw new BackupFileError(
            "limitExceeded",
            `conversations: more than ${maxConversations}, or than ${maxConversationBytes} bytes of them`,
          );
        break;
      }
      case "message":
        if (!groups.has(view.conversationId)) {
          orphans.add(record);
          if (full(orphans))
            yield passedOver(orphans, "messageWithoutConversation");
          break;
        }
        if (
          messages.count > 0 &&
          messages.bytes + record.bytes.length > maxBytes
        )
          yield messageBatch();
        messages.add(record);
        needed.add(view.conversationId);
        if (full(messages)) yield messageBatch();
        break;
      case "consent":
        // Consent is small and comes first in an archive, but goes last: it must win over what importing a DM sets.
        consent.add(detached(record));
        if (consent.bytes > maxConversationBytes)
          throw new BackupFileError(
            "limitExceeded",
            `consent: more than ${maxConversationBytes} bytes of it`,
          );
        break;
      case "unknown":
        unknown.add(record);
        if (full(unknown)) yield passedOver(unknown, "unknownKind");
        break;
    }
  }
  if (messages.count > 0) yield messageBatch();
  if (orphans.count > 0)
    yield passedOver(orphans, "messageWithoutConversation");
  if (unknown.count > 0) yield passedOver(unknown, "unknownKind");

  const rest = [...groups].filter(([, group]) => !group.imported);
  for (let i = 0; i < rest.length; i += maxMessages) {
    const some = rest.slice(i, i + maxMessages);
    const elements = withMetadata(some.map(([, { record }]) => record));
    yield {
      kind: "conversations",
      elements,
      conversationIds: some.map(([id]) => id),
      bytes: bytesOf(elements),
    };
  }
  if (consent.count > 0) yield consentBatch();
}
