import { bytesToHex } from "@noble/hashes/utils.js";
import { createFieldCursor } from "./field-cursor.js";
import { createHexCache } from "./hex-cache.js";
import { scanMessage, type MessageScan } from "./message-scan.js";
import { text } from "./text.js";
import type { MessageView } from "./view.js";

const cursor = createFieldCursor();
const scan: MessageScan = { groupStart: 0, groupEnd: 0, sentAtField: -1 };
const conversationHex = createHexCache();

const messageKinds = ["unknown", "application", "membershipChange"] as const;
const deliveryStatuses = [
  "unknown",
  "unpublished",
  "published",
  "failed",
] as const;

/**
 * A message's bytes and what is asked of each message. The rest is looked up when it is asked for: whoever counts a
 * million messages asks for little.
 */
class BytesMessageView implements MessageView {
  readonly kind = "message";
  sentAtNs = 0n;
  groupStart = 0;
  groupEnd = 0;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }
  get messageId(): string {
    return bytesToHex(this.#field(1));
  }
  get conversationId(): string {
    return conversationHex(this.#bytes, this.groupStart, this.groupEnd);
  }
  get contentBytes(): number {
    return this.#field(3).length;
  }
  get messageKind(): MessageView["messageKind"] {
    return messageKinds[this.#number(5)] ?? "unknown";
  }
  get contentType(): string {
    const [authority, type] = [this.#field(12), this.#field(16)];
    const [major, minor] = [this.#number(10), this.#number(11)];
    return `${text(authority)}/${text(type)}:${major}.${minor}`;
  }
  get senderInboxId(): string {
    return text(this.#field(7));
  }
  get senderInstallationId(): string {
    return bytesToHex(this.#field(6));
  }
  get deliveryStatus(): MessageView["deliveryStatus"] {
    return deliveryStatuses[this.#number(8)] ?? "unknown";
  }

  /** Of a field that is there twice the last one counts, as in protobuf. */
  #field(number: number): Uint8Array {
    let found: Uint8Array = none;
    cursor.reset(this.#bytes, this.#start, this.#end);
    while (cursor.next())
      if (cursor.number === number && cursor.wireType === 2)
        found = this.#bytes.subarray(cursor.start, cursor.end);
    return found;
  }
  #number(number: number): number {
    let found = 0;
    cursor.reset(this.#bytes, this.#start, this.#end);
    while (cursor.next())
      if (cursor.number === number && cursor.wireType === 0) found = cursor.low;
    return found;
  }
}

const none = new Uint8Array(0);

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
  const view = new BytesMessageView(bytes, start, end);
  if (scanMessage(bytes, start, end, scan)) {
    view.groupStart = scan.groupStart;
    view.groupEnd = scan.groupEnd;
    if (scan.sentAtField >= 0) {
      cursor.reset(bytes, scan.sentAtField, end);
      cursor.next();
      view.sentAtNs = cursor.int64;
    }
    return view;
  }
  cursor.reset(bytes, start, end);
  // To the end, although little is wanted: what is malformed is refused here and nowhere else.
  while (cursor.next()) {
    if (cursor.number === 2 && cursor.wireType === 2) {
      view.groupStart = cursor.start;
      view.groupEnd = cursor.end;
    } else if (cursor.number === 4 && cursor.wireType === 0)
      view.sentAtNs = cursor.int64;
  }
  return view;
};
