import {
  type BackupElementRecord,
  BackupFileError,
  type GroupView,
  type LeftOut,
} from "@carryover/backup-file";
import type { BackupFileSource } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import { toHex } from "../hex.js";
import type { ConsentRecord, ConversationInfo } from "../ports/history.js";
import type { LongCallOptions } from "../progress.js";
import { isBackupChannelGroup } from "./backup-channel-group.js";
import { type ImportReading, withImport } from "./import-source.js";
import { holdsOthers, sortConversations } from "./ordinary-conversations.js";

/** What a file holds, known once every byte of it was read and nothing of it was written. */
export interface VerifiedBackup {
  /** Messages by conversation, in the file's order. */
  sent: Map<string, number>;
  /** Messages that are here already, by conversation. */
  alreadyThere: Map<string, number>;
  /** Consent as the supplier had it. */
  consent: Map<string, ConsentRecord>;
  /** Conversations that are not imported, although the file has them. */
  refused: Set<string>;
  /** To import. */
  messageCount: number;
  /** In the file, those that are not imported included. */
  messageRecordCount: number;
  leftOut: LeftOut[];
  /** SHA-256 of the file, hex. */
  fileDigest: string;
}

/** Names one entity among all consent records. */
export const consentKey = ({
  entityType,
  entity,
}: Pick<ConsentRecord, "entityType" | "entity">) => `${entityType}:${entity}`;

/**
 * Security rule 7: reads the whole file before the first row is written. An archive of another inbox is refused.
 *
 * @throws {CarryoverError} `backupFileInvalid`, `backupOfAnotherInbox`
 */
export async function verifyBackup(
  context: EngineContext,
  source: BackupFileSource,
  { onProgress, signal }: LongCallOptions,
): Promise<VerifiedBackup> {
  const verified: VerifiedBackup = {
    sent: new Map(),
    alreadyThere: new Map(),
    consent: new Map(),
    refused: new Set(),
    messageCount: 0,
    messageRecordCount: 0,
    leftOut: [],
    fileDigest: "",
  };
  try {
    let bytes = 0;
    const sha256 = context.backupFile.createSha256();
    const hashed: BackupFileSource = {
      ...source,
      open: async () => (await source.open()).pipeThrough(tap(sha256)),
    };
    const onBytes = (read: number) => (bytes = read);
    const report = () =>
      onProgress?.({
        phase: "verifying",
        bytes,
        messages: verified.messageCount,
      });
    const options = { ...(signal && { signal }), onBytes };
    await withImport(context, hashed, options, (reading) =>
      takeAll(context, reading, verified, report),
    );
    verified.fileDigest = toHex(sha256.digest());
    report();
    return verified;
  } catch (error) {
    throw asImportError(error);
  }
}

async function takeAll(
  context: EngineContext,
  reading: ImportReading,
  verified: VerifiedBackup,
  report: () => void,
): Promise<void> {
  if (
    reading.ownerInboxId !== undefined &&
    reading.ownerInboxId !== context.installation.inboxId
  )
    throw anotherInbox();
  const here = await context.history.listConversations();
  const lookUp = await createLookUp(context, here, verified);
  const { channelIds } = await sortConversations(context, here);
  let withoutConversation = 0;
  let inChannels = 0;
  for await (const record of reading.elements) {
    if (record.view.kind === "group")
      await refuseChannel(context, record.view, channelIds, verified.refused);
    const outcome = take(record, verified, context.installation.inboxId);
    if (outcome === "withoutConversation") withoutConversation += 1;
    if (outcome === "refused") inChannels += 1;
    if (lookUp.add(record) === "full") await lookUp.flush();
    if (verified.messageCount % 500 === 0) report();
  }
  await lookUp.flush();
  verified.leftOut = [
    ...reading.leftOut(),
    ...leftOut("withoutConversation", 0, withoutConversation),
    ...leftOut("backupChannel", verified.refused.size, inChannels),
  ];
}

/**
 * A backup channel has no place in a backup: one that a hostile backup made up must not pass for one after the import, and
 * nothing is written into those that are here.
 */
async function refuseChannel(
  context: EngineContext,
  view: GroupView,
  channelIds: ReadonlySet<string>,
  refused: Set<string>,
): Promise<void> {
  const { conversationId } = view;
  if (
    view.conversationType === "sync" ||
    channelIds.has(conversationId) ||
    (isBackupChannelGroup(view) &&
      !(await holdsOthers(context, conversationId)))
  )
    refused.add(conversationId);
}

function take(
  { view }: BackupElementRecord,
  verified: VerifiedBackup,
  inboxId: string,
): "taken" | "refused" | "withoutConversation" {
  const { sent, consent, refused } = verified;
  switch (view.kind) {
    case "group":
      // Of a DM the archive says between whom it is: the one thing in an XMTP archive that names its owner.
      if (view.dmId !== undefined && !view.dmId.split(":").includes(inboxId))
        throw anotherInbox();
      if (!refused.has(view.conversationId))
        sent.set(view.conversationId, sent.get(view.conversationId) ?? 0);
      return "taken";
    case "message": {
      verified.messageRecordCount += 1;
      if (refused.has(view.conversationId)) return "refused";
      const count = sent.get(view.conversationId);
      if (count === undefined) return "withoutConversation";
      sent.set(view.conversationId, count + 1);
      verified.messageCount += 1;
      return "taken";
    }
    case "consent": {
      const { entityType, entity, state } = view;
      if (entityType !== "conversation" && entityType !== "inbox")
        return "taken";
      consent.set(consentKey({ entityType, entity }), {
        entityType,
        entity,
        state,
      });
      return "taken";
    }
    case "metadata":
    case "unknown":
      return "taken";
  }
}

const leftOut = (
  reason: string,
  conversationCount: number,
  messageCount: number,
): LeftOut[] =>
  conversationCount + messageCount === 0
    ? []
    : [{ reason, conversationCount, messageCount, otherCount: 0 }];

function tap(sha256: {
  update(bytes: Uint8Array): void;
}): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      sha256.update(chunk);
      controller.enqueue(chunk);
    },
  });
}

const lookUpSize = 500;

/** Counts messages that are here already. Only a conversation that has messages here can have one of them. */
async function createLookUp(
  { history }: EngineContext,
  here: readonly ConversationInfo[],
  { alreadyThere }: VerifiedBackup,
) {
  const withMessages = new Set<string>();
  for (const { conversationId } of here)
    if ((await history.countMessages(conversationId)) > 0)
      withMessages.add(conversationId);
  let waiting: { messageId: string; conversationId: string }[] = [];
  const flush = async () => {
    const batch = waiting;
    waiting = [];
    const found = await history.hasMessages(
      batch.map(({ messageId }) => messageId),
    );
    for (const [index, { conversationId }] of batch.entries())
      if (found[index] === true)
        alreadyThere.set(
          conversationId,
          (alreadyThere.get(conversationId) ?? 0) + 1,
        );
  };
  return {
    add({ view }: BackupElementRecord): "full" | "notFull" {
      if (view.kind === "message" && withMessages.has(view.conversationId))
        waiting.push({
          messageId: view.messageId,
          conversationId: view.conversationId,
        });
      return waiting.length >= lookUpSize ? "full" : "notFull";
    },
    flush,
  };
}

const anotherInbox = () =>
  new CarryoverError(
    "backupOfAnotherInbox",
    "the backup belongs to another inbox",
  );

/** A file's own errors, as the engine's. */
export function asImportError(error: unknown): unknown {
  if (!(error instanceof BackupFileError)) return error;
  const code =
    error.code === "aborted"
      ? "aborted"
      : error.code === "sourceFailed"
        ? "diskError"
        : "backupFileInvalid";
  return new CarryoverError(
    code,
    `the backup file cannot be read: ${error.code}`,
    { cause: error },
  );
}
