import {
  type BackupElementRecord,
  createMetadataElement,
  elementRecord,
} from "@carryover/backup-file";
import { fromHex } from "../hex.js";
import { inboxId } from "./installations.js";
import { startNs } from "./memory-network.js";

// `xmtp.device_sync.BackupElement` by hand: four fields of it are enough for tests.
type Field = readonly [number: number, value: bigint | Uint8Array | string];

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function message(...fields: readonly Field[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([number, value]) => {
      const tag = (wireType: bigint) =>
        varint((BigInt(number) << 3n) | wireType);
      if (typeof value === "bigint") return [...tag(0n), ...varint(value)];
      const bytes =
        typeof value === "string" ? new TextEncoder().encode(value) : value;
      return [...tag(2n), ...varint(BigInt(bytes.length)), ...bytes];
    }),
  );
}

/** The first element of every archive. */
export const metadataElement = (): BackupElementRecord =>
  createMetadataElement({
    exportedAtNs: startNs,
    selection: ["messages", "consent"],
  });

/** A conversation. */
export function groupElement(
  conversationId: string,
  options: { dmId?: string; appData?: string; type?: 1 | 2 | 3 } = {},
): BackupElementRecord {
  const { dmId, appData, type = dmId === undefined ? 1 : 2 } = options;
  const attributes: Field[] =
    appData === undefined ? [] : [[1, message([1, "app_data"], [2, appData])]];
  return elementRecord(
    message([
      2,
      message(
        [1, fromHex(conversationId)],
        [2, startNs],
        [3, 1n],
        [5, inboxId],
        [8, BigInt(type)],
        ...(dmId === undefined ? [] : [[9, dmId] as const]),
        [13, message([1, inboxId])],
        [14, message(...attributes)],
      ),
    ]),
  );
}

/** A text message. */
export function messageElement(
  conversationId: string,
  messageId: string,
  text = "hello",
): BackupElementRecord {
  return elementRecord(
    message([
      3,
      message(
        [1, fromHex(messageId)],
        [2, fromHex(conversationId)],
        [3, text],
        [4, startNs],
        [5, 1n],
        [7, inboxId],
        [8, 2n],
        [10, 1n],
        [12, "xmtp.org"],
        [16, "text"],
      ),
    ]),
  );
}

/** Consent to a conversation or an inbox. */
export function consentElement(
  entityType: "conversation" | "inbox",
  entity: string,
  state: "allowed" | "denied",
): BackupElementRecord {
  return elementRecord(
    message([
      4,
      message(
        [1, entityType === "conversation" ? 1n : 2n],
        [2, state === "allowed" ? 2n : 3n],
        [3, entity],
        [4, startNs],
      ),
    ]),
  );
}
