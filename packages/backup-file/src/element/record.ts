import { bytesToHex } from "@noble/hashes/utils.js";
import { BackupFileError } from "../errors.js";
import { createFieldCursor } from "./field-cursor.js";
import { messageStart } from "./message-scan.js";
import { readMessageView } from "./message-view.js";
import { text } from "./text.js";
import type {
  BackupElementRecord,
  ConsentView,
  ConversationType,
  ElementView,
  GroupView,
  MetadataView,
} from "./view.js";

const outer = createFieldCursor();
const inner = createFieldCursor();
const deep = createFieldCursor();

const none: Uint8Array = new Uint8Array(0);

const conversationTypes: readonly ConversationType[] = [
  "unknown",
  "group",
  "dm",
  "sync",
];

const collectAttributes = (
  attributes: Map<string, string>,
  bytes: Uint8Array,
  start: number,
  end: number,
): void => {
  inner.reset(bytes, start, end);
  while (inner.next()) {
    if (inner.wireType !== 2 || inner.number !== 1) continue;
    let key = "";
    let value = "";
    deep.reset(bytes, inner.start, inner.end);
    while (deep.next()) {
      if (deep.wireType !== 2) continue;
      if (deep.number === 1) key = text(bytes.subarray(deep.start, deep.end));
      if (deep.number === 2) value = text(bytes.subarray(deep.start, deep.end));
    }
    attributes.set(key, value);
  }
};

const groupView = (
  bytes: Uint8Array,
  start: number,
  end: number,
): GroupView => {
  let id = none;
  let type = 0;
  let createdAtNs = 0n;
  let addedBy = none;
  let creator = none;
  let dmId: Uint8Array | undefined;
  let lastMessageNs: bigint | undefined;
  let disappearFromNs: bigint | undefined;
  let disappearInNs: bigint | undefined;
  const mutable: [start: number, end: number][] = [];
  inner.reset(bytes, start, end);
  while (inner.next()) {
    if (inner.wireType === 2) {
      const value = bytes.subarray(inner.start, inner.end);
      if (inner.number === 1) id = value;
      else if (inner.number === 5) addedBy = value;
      else if (inner.number === 9) dmId = value;
      else if (inner.number === 13) {
        deep.reset(bytes, inner.start, inner.end);
        while (deep.next())
          if (deep.number === 1 && deep.wireType === 2)
            creator = bytes.subarray(deep.start, deep.end);
      } else if (inner.number === 14) {
        mutable.push([inner.start, inner.end]);
      }
    } else if (inner.wireType === 0) {
      if (inner.number === 2) createdAtNs = inner.int64;
      else if (inner.number === 8) type = inner.low;
      else if (inner.number === 10) lastMessageNs = inner.int64;
      else if (inner.number === 11) disappearFromNs = inner.int64;
      else if (inner.number === 12) disappearInNs = inner.int64;
    }
  }
  const attributes = new Map<string, string>();
  for (const [from, to] of mutable)
    collectAttributes(attributes, bytes, from, to);
  return {
    kind: "group",
    conversationId: bytesToHex(id),
    conversationType: conversationTypes[type] ?? "unknown",
    createdAtNs,
    lastMessageNs,
    dmId: dmId === undefined ? undefined : text(dmId),
    addedByInboxId: text(addedBy),
    creatorInboxId: text(creator),
    disappearFromNs,
    disappearInNs,
    attributes,
  };
};

const consentView = (
  bytes: Uint8Array,
  start: number,
  end: number,
): ConsentView => {
  let type = 0;
  let state = 0;
  let entity = none;
  let consentedAtNs = 0n;
  inner.reset(bytes, start, end);
  while (inner.next()) {
    if (inner.number === 1 && inner.wireType === 0) type = inner.low;
    else if (inner.number === 2 && inner.wireType === 0) state = inner.low;
    else if (inner.number === 3 && inner.wireType === 2)
      entity = bytes.subarray(inner.start, inner.end);
    else if (inner.number === 4 && inner.wireType === 0)
      consentedAtNs = inner.int64;
  }
  return {
    kind: "consent",
    entityType:
      type === 1
        ? "conversation"
        : type === 2
          ? "inbox"
          : type === 3
            ? "address"
            : "unknown",
    entity: text(entity),
    state: state === 2 ? "allowed" : state === 3 ? "denied" : "unknown",
    consentedAtNs,
  };
};

const selections = ["unknown", "messages", "consent", "event"] as const;

const metadataView = (
  bytes: Uint8Array,
  start: number,
  end: number,
): MetadataView => {
  let exportedAtNs = 0n;
  let startNs: bigint | undefined;
  let endNs: bigint | undefined;
  const selection: (typeof selections)[number][] = [];
  const select = (value: number): void => {
    if (selection.length >= 64)
      throw new BackupFileError(
        "recordInvalid",
        "metadata.elements: more than 64 selections",
      );
    selection.push(selections[value] ?? "unknown");
  };
  inner.reset(bytes, start, end);
  while (inner.next()) {
    if (inner.number === 2 && inner.wireType === 0) select(inner.low);
    else if (inner.number === 2 && inner.wireType === 2)
      // Packed: the values of an enum this small are one byte each.
      for (let i = inner.start; i < inner.end; i += 1) select(bytes[i] ?? 0);
    else if (inner.wireType !== 0) continue;
    else if (inner.number === 3) exportedAtNs = inner.int64;
    else if (inner.number === 4) startNs = inner.int64;
    else if (inner.number === 5) endNs = inner.int64;
  }
  return { kind: "metadata", exportedAtNs, startNs, endNs, selection };
};

const viewElement = (bytes: Uint8Array): ElementView => {
  const message = messageStart(bytes);
  if (message > 0) return readMessageView(bytes, message, bytes.length);
  let number = 0;
  let start = 0;
  let end = 0;
  let unknownNumber = 0;
  outer.reset(bytes, 0, bytes.length);
  while (outer.next()) {
    if (outer.wireType === 2 && outer.number <= 4) {
      // A parser that merges and one that takes the last would see two different elements. XMTP writes one.
      if (number !== 0)
        throw new BackupFileError("recordInvalid", "an element holds two");
      number = outer.number;
      start = outer.start;
      end = outer.end;
    } else unknownNumber = outer.number;
  }
  switch (number) {
    case 1:
      return metadataView(bytes, start, end);
    case 2:
      return groupView(bytes, start, end);
    case 3:
      return readMessageView(bytes, start, end);
    case 4:
      return consentView(bytes, start, end);
    default:
      return { kind: "unknown", fieldNumber: unknownNumber };
  }
};

/**
 * Looks at one serialized `BackupElement`. The bytes are kept, not copied: they must not change afterwards.
 *
 * @throws BackupFileError `recordInvalid` when they are no protobuf message
 */
export const elementRecord = (bytes: Uint8Array): BackupElementRecord => ({
  bytes,
  view: viewElement(bytes),
});
