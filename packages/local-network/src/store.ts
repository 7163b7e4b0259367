import { create } from "@bufbuild/protobuf";
import { createHash } from "node:crypto";
import { copyBytes, toHex } from "./bytes.js";
import { type Clock } from "./clock.js";
import {
  type CommitLogEntry,
  CommitLogEntrySchema,
  type IdentityUpdate as StoredIdentityUpdate,
  IdentityUpdateSchema,
  KeyPackageSchema,
  type Record,
  RecordSchema,
  SequencesSchema,
} from "./gen/carryover/local_network/v1/record_pb.js";
import { type IdentityUpdate } from "./gen/xmtp/identity/associations/association_pb.js";
import { type RecoverableEd25519Signature } from "./gen/xmtp/identity/associations/signature_pb.js";
import {
  type GroupMessage_V1,
  GroupMessage_V1Schema,
  type WelcomeMessage,
  type WelcomeMessageInput,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { createInboxIndex } from "./inbox-index.js";
import { type OpenJournal } from "./journal.js";
import {
  createTopicLog,
  type TopicEntry,
  type TopicReader,
} from "./topic-log.js";
import { stampWelcome, welcomeContent } from "./welcome.js";

/** A stored group message; the topic is the group id. */
export interface StoredGroupMessage extends TopicEntry {
  readonly message: GroupMessage_V1;
}

/** A stored welcome; the topic is the installation id. */
export interface StoredWelcome extends TopicEntry {
  readonly message: WelcomeMessage;
}

/** A stored commit-log entry; the topic is the group id. */
export interface StoredCommitLogEntry extends TopicEntry {
  readonly entry: CommitLogEntry;
}

/** What a client publishes to a group. */
export interface NewGroupMessage {
  readonly groupId: Uint8Array;
  readonly data: Uint8Array;
  readonly senderHmac: Uint8Array;
  readonly shouldPush: boolean;
  readonly isCommit: boolean;
}

/** Nanosecond times: what was created before them is removed. */
export interface PruneCutoffs {
  readonly applicationMessagesBeforeNs: bigint;
  readonly welcomesBeforeNs: bigint;
  readonly keyPackagesBeforeNs: bigint;
}

/** How much a pruning removed. */
export interface PruneReport {
  readonly applicationMessages: number;
  readonly welcomes: number;
  readonly keyPackages: number;
}

/** Whether something new was stored, or the same bytes were there already and were dropped. */
export type Insertion = "stored" | "duplicate";

/** Which Ethereum addresses an identity update brings into its inbox, and out of it. */
export interface AddressChange {
  readonly addedAddresses: string[];
  readonly removedAddresses: string[];
}

/** Everything that the network knows, with the indexes to read it. */
export interface Store {
  readonly groupMessages: TopicReader<StoredGroupMessage>;
  readonly welcomes: TopicReader<StoredWelcome>;
  readonly commitLog: TopicReader<StoredCommitLogEntry>;
  putKeyPackage(installationId: Uint8Array, keyPackage: Uint8Array): void;
  keyPackage(installationId: Uint8Array): Uint8Array | undefined;
  insertGroupMessage(message: NewGroupMessage): Insertion;
  insertWelcome(input: WelcomeMessageInput): Insertion;
  insertCommitLogEntry(
    groupId: Uint8Array,
    serializedEntry: Uint8Array,
    signature: RecoverableEd25519Signature,
  ): void;
  /** The log of an inbox, in order of sequence id. */
  identityUpdates(inboxId: string): readonly StoredIdentityUpdate[];
  insertIdentityUpdate(update: IdentityUpdate, change: AddressChange): void;
  /** The inbox that an Ethereum address was last associated with and not revoked from. */
  inboxIdOf(address: string): string | undefined;
  prune(cutoffs: PruneCutoffs): PruneReport;
  close(): void;
}

/** Opens the store on what the journal holds. */
export function createStore(clock: Clock, openJournal: OpenJournal): Store {
  const groupMessages = createTopicLog<StoredGroupMessage>();
  const welcomes = createTopicLog<StoredWelcome>();
  const commitLog = createTopicLog<StoredCommitLogEntry>();
  const groupHashes = new Set<string>();
  const welcomeHashes = new Set<string>();
  const keyPackages = new Map<
    string,
    { keyPackage: Uint8Array; createdNs: bigint; installationId: Uint8Array }
  >();
  const inboxes = createInboxIndex();
  const last = create(SequencesSchema);
  let lastNs = 0n;

  // Clients sort by this time, so two messages must not share it.
  const nowNs = (): bigint => {
    const now = clock.nowNs();
    lastNs = now > lastNs ? now : lastNs + 1n;
    return lastNs;
  };

  // A rewritten journal begins with numbers that are higher than those of the records that are left.
  const apply = (record: Record): void => {
    switch (record.kind.case) {
      case "sequences":
        Object.assign(last, record.kind.value);
        break;
      case "keyPackage": {
        const { installationId, keyPackage, createdNs } = record.kind.value;
        keyPackages.set(toHex(installationId), {
          installationId,
          keyPackage,
          createdNs,
        });
        lastNs = latest(lastNs, createdNs);
        break;
      }
      case "identityUpdate":
        last.identityUpdate = latest(
          last.identityUpdate,
          record.kind.value.sequenceId,
        );
        lastNs = latest(lastNs, record.kind.value.serverTimestampNs);
        inboxes.append(record.kind.value);
        break;
      case "groupMessage": {
        const message = record.kind.value;
        last.groupMessage = latest(last.groupMessage, message.id);
        lastNs = latest(lastNs, message.createdNs);
        groupHashes.add(payloadHash(message.groupId, message.data));
        groupMessages.append({
          id: message.id,
          createdNs: message.createdNs,
          topic: toHex(message.groupId),
          message,
        });
        break;
      }
      case "welcomeMessage": {
        const message = record.kind.value;
        const { id, createdNs, topic, data } = welcomeContent(message);
        last.welcomeMessage = latest(last.welcomeMessage, id);
        lastNs = latest(lastNs, createdNs);
        welcomeHashes.add(payloadHash(topic, data));
        welcomes.append({ id, createdNs, topic: toHex(topic), message });
        break;
      }
      case "commitLogEntry": {
        const entry = record.kind.value;
        last.commitLogEntry = latest(last.commitLogEntry, entry.id);
        lastNs = latest(lastNs, entry.createdNs);
        commitLog.append({
          id: entry.id,
          createdNs: entry.createdNs,
          topic: toHex(entry.groupId),
          entry,
        });
        break;
      }
      case undefined:
        break;
    }
  };

  const accept = (kind: Record["kind"]): void => {
    const record = create(RecordSchema, { kind });
    journal.append(record);
    apply(record);
  };

  const snapshot = function* (): Generator<Record> {
    yield create(RecordSchema, { kind: { case: "sequences", value: last } });
    for (const value of keyPackages.values())
      yield create(RecordSchema, {
        kind: { case: "keyPackage", value: create(KeyPackageSchema, value) },
      });
    for (const value of inboxes.all())
      yield create(RecordSchema, { kind: { case: "identityUpdate", value } });
    for (const { message: value } of groupMessages.entries())
      yield create(RecordSchema, { kind: { case: "groupMessage", value } });
    for (const { message: value } of welcomes.entries())
      yield create(RecordSchema, { kind: { case: "welcomeMessage", value } });
    for (const { entry: value } of commitLog.entries())
      yield create(RecordSchema, { kind: { case: "commitLogEntry", value } });
  };

  const journal = openJournal(apply);

  return {
    groupMessages,
    welcomes,
    commitLog,
    putKeyPackage: (installationId, keyPackage) => {
      const known = keyPackages.get(toHex(installationId));
      accept({
        case: "keyPackage",
        value: create(KeyPackageSchema, {
          installationId: copyBytes(installationId),
          keyPackage: copyBytes(keyPackage),
          createdNs: known?.createdNs ?? nowNs(),
        }),
      });
    },
    keyPackage: (installationId) =>
      keyPackages.get(toHex(installationId))?.keyPackage,
    insertGroupMessage: (message) => {
      if (groupHashes.has(payloadHash(message.groupId, message.data)))
        return "duplicate";
      accept({
        case: "groupMessage",
        value: create(GroupMessage_V1Schema, {
          id: last.groupMessage + 1n,
          createdNs: nowNs(),
          groupId: copyBytes(message.groupId),
          data: copyBytes(message.data),
          senderHmac: copyBytes(message.senderHmac),
          shouldPush: message.shouldPush,
          isCommit: message.isCommit,
        }),
      });
      return "stored";
    },
    insertWelcome: (input) => {
      const value = stampWelcome(input, last.welcomeMessage + 1n, nowNs());
      const { topic, data } = welcomeContent(value);
      if (welcomeHashes.has(payloadHash(topic, data))) return "duplicate";
      accept({ case: "welcomeMessage", value });
      return "stored";
    },
    insertCommitLogEntry: (groupId, serializedCommitLogEntry, signature) =>
      accept({
        case: "commitLogEntry",
        value: create(CommitLogEntrySchema, {
          id: last.commitLogEntry + 1n,
          createdNs: nowNs(),
          groupId,
          serializedCommitLogEntry,
          signature,
        }),
      }),
    identityUpdates: (inboxId) => inboxes.updates(inboxId),
    insertIdentityUpdate: (update, change) =>
      accept({
        case: "identityUpdate",
        value: create(IdentityUpdateSchema, {
          sequenceId: last.identityUpdate + 1n,
          serverTimestampNs: nowNs(),
          update,
          ...change,
        }),
      }),
    inboxIdOf: (address) => inboxes.inboxIdOf(address),
    prune: (cutoffs) => {
      const report = {
        applicationMessages: groupMessages.remove((entry) => {
          const isRemoved =
            !entry.message.isCommit &&
            entry.createdNs < cutoffs.applicationMessagesBeforeNs;
          if (isRemoved)
            groupHashes.delete(
              payloadHash(entry.message.groupId, entry.message.data),
            );
          return isRemoved;
        }),
        welcomes: welcomes.remove((entry) => {
          const isRemoved = entry.createdNs < cutoffs.welcomesBeforeNs;
          if (isRemoved) {
            const { topic, data } = welcomeContent(entry.message);
            welcomeHashes.delete(payloadHash(topic, data));
          }
          return isRemoved;
        }),
        keyPackages: 0,
      };
      for (const [key, { createdNs }] of keyPackages) {
        if (createdNs >= cutoffs.keyPackagesBeforeNs) continue;
        keyPackages.delete(key);
        report.keyPackages += 1;
      }
      journal.rewrite(snapshot());
      return report;
    },
    close: () => journal.close(),
  };
}

function payloadHash(topic: Uint8Array, data: Uint8Array): string {
  return createHash("sha256").update(topic).update(data).digest("base64");
}

function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
