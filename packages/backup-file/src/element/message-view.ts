import { bytesToHex } from "@noble/hashes/utils.js";
import { createFieldCursor } from "./field-cursor.js";
import { createHexCache } from "./hex-cache.js";
import { text } from "./text.js";
import type { MessageView } from "./view.js";

const cursor = createFieldCursor();
const conversationHex = createHexCache();

const messageKinds = ["unknown", "application", "membershipChange"] as const;
const deliveryStatuses = [
  "unknown",
  "unpublished",
  "published",
  "failed",
] as const;

/**
 * A message's fields as positions in its bytes. Ids and texts are decoded when they are asked for: whoever counts a
 * million messages asks for few.
 */
class BytesMessageView implements MessageView {
  readonly kind = "message";
  sentAtNs = 0n;
  contentBytes = 0;
  kindNumber = 0;
  statusNumber = 0;
  major = 0;
  minor = 0;
  idStart = 0;
  idEnd = 0;
  groupStart = 0;
  groupEnd = 0;
  installationStart = 0;
  installationEnd = 0;
  inboxStart = 0;
  inboxEnd = 0;
  authorityStart = 0;
  authorityEnd = 0;
  typeStart = 0;
  typeEnd = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  get messageId(): string {
    return bytesToHex(this.#bytes.subarray(this.idStart, this.idEnd));
  }
  get conversationId(): string {
    return conversationHex(this.#bytes, this.groupStart, this.groupEnd);
  }
  get messageKind(): MessageView["messageKind"] {
    return messageKinds[this.kindNumber] ?? "unknown";
  }
  get contentType(): string {
    const authority = this.#bytes.subarray(
      this.authorityStart,
      this.authorityEnd,
    );
    const type = this.#bytes.subarray(this.typeStart, this.typeEnd);
    return `${text(authority)}/${text(type)}:${this.major}.${this.minor}`;
  }
  get senderInboxId(): string {
    return text(this.#bytes.subarray(this.inboxStart, this.inboxEnd));
  }
  get senderInstallationId(): string {
    return bytesToHex(
      this.#bytes.subarray(this.installationStart, this.installationEnd),
    );
  }
  get deliveryStatus(): MessageView["deliveryStatus"] {
    return deliveryStatuses[this.statusNumber] ?? "unknown";
  }
}

/**
 * Looks at a serialized `GroupMessageSave`.
 *
 * @throws BackupFileError `recordInvalid`
 */
export const readMessageView = (
  bytes: Uint8Array,
  start: number,
  end: number,
): MessageView => {
  const view = new BytesMessageView(bytes);
  cursor.reset(bytes, start, end);
  while (cursor.next()) {
    if (cursor.wireType === 2)
      switch (cursor.number) {
        case 1:
          view.idStart = cursor.start;
          view.idEnd = cursor.end;
          break;
        case 2:
          view.groupStart = cursor.start;
          view.groupEnd = cursor.end;
          break;
        case 3:
          view.contentBytes = cursor.end - cursor.start;
          break;
        case 6:
          view.installationStart = cursor.start;
          view.installationEnd = cursor.end;
          break;
        case 7:
          view.inboxStart = cursor.start;
          view.inboxEnd = cursor.end;
          break;
        case 12:
          view.authorityStart = cursor.start;
          view.authorityEnd = cursor.end;
          break;
        case 16:
          view.typeStart = cursor.start;
          view.typeEnd = cursor.end;
          break;
      }
    else if (cursor.wireType === 0)
      switch (cursor.number) {
        case 4:
          view.sentAtNs = cursor.int64;
          break;
        case 5:
          view.kindNumber = cursor.low;
          break;
        case 8:
          view.statusNumber = cursor.low;
          break;
        case 10:
          view.major = cursor.low;
          break;
        case 11:
          view.minor = cursor.low;
          break;
      }
  }
  return view;
};
