import {
  type BackupElementRecord,
  readXmtpArchive,
  writeXmtpArchive,
} from "@carryover/backup-file";
import type {
  ConsentEntity,
  ConsentState,
  ConversationInfo,
  History,
} from "../ports/history.js";
import { metadataElement } from "./backup-elements.js";
import type { MemoryNetwork } from "./memory-network.js";
import { streamOf } from "./stream-of.js";

export interface MemoryHistory extends History {
  conversations: ConversationInfo[];
  /** What an export holds, without the metadata. */
  elements: BackupElementRecord[];
  /** Message ids that are here, by conversation. */
  messageIds: Map<string, string[]>;
  /** Elements of every archive that was imported. */
  imported: BackupElementRecord[];
  exportCount: number;
  madeLive: string[];
  consent: Map<string, ConsentState>;
}

const consentKey = ({ entityType, entity }: ConsentEntity) =>
  `${entityType}:${entity}`;

/** A message history in memory, exported and imported as real XMTP archives. */
export function createMemoryHistory(network: MemoryNetwork): MemoryHistory {
  const history: MemoryHistory = {
    conversations: [],
    elements: [],
    messageIds: new Map(),
    imported: [],
    exportCount: 0,
    madeLive: [],
    consent: new Map(),
    listConversations: async () => structuredClone(history.conversations),
    countMessages: async (id) => history.messageIds.get(id)?.length ?? 0,
    countDisappearingMessages: async () => 0,
    hasMessages: async (ids) => {
      const here = new Set([...history.messageIds.values()].flat());
      return ids.map((id) => here.has(id));
    },
    exportArchive: async () => {
      history.exportCount += 1;
      const key = new Uint8Array(32).fill(7);
      const { archive } = writeXmtpArchive({
        elements: [metadataElement(), ...history.elements],
        key,
      });
      const bytes = new Uint8Array(await new Response(archive).arrayBuffer());
      return {
        archive: streamOf([bytes]),
        key,
        written: Promise.resolve(),
        dispose: async () => undefined,
      };
    },
    importArchive: async (bytes, key) => {
      const reader = await readXmtpArchive({ archive: streamOf([bytes]), key });
      for await (const record of reader.elements) {
        history.imported.push(record);
        const { view } = record;
        // As the library does: what is imported goes over what a person chose.
        if (view.kind === "consent")
          history.consent.set(`${view.entityType}:${view.entity}`, view.state);
        if (view.kind !== "message") continue;
        const ids = history.messageIds.get(view.conversationId) ?? [];
        if (!ids.includes(view.messageId)) ids.push(view.messageId);
        history.messageIds.set(view.conversationId, ids);
      }
    },
    getConsent: async (entities) =>
      entities.map(
        (entity) => history.consent.get(consentKey(entity)) ?? "unknown",
      ),
    setConsent: async (records) => {
      for (const record of records)
        history.consent.set(consentKey(record), record.state);
    },
    addMissingInstallations: async (id) => {
      network.call("addMissingInstallations");
      history.madeLive.push(id);
    },
    sync: async () => network.call("syncHistory"),
  };
  return history;
}
