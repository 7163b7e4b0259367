import type { DecodedMessage } from "@xmtp/node-sdk";
import { createHash } from "node:crypto";

/**
 * A SHA-256 over everything that the SDK gives out of a conversation's messages: ids, senders, times, content types and
 * contents, reactions, and who read how far. Two installations with the same digest show the same conversation.
 *
 * @param lastReadTimes - inbox id → nanoseconds, as `Conversation.lastReadTimes` returns it
 * @returns 64 hex digits
 */
export function digestMessages(
  messages: readonly DecodedMessage[],
  lastReadTimes: Readonly<Record<string, number>>,
): string {
  const lines = messages
    .flatMap((message) => [message, ...message.reactions])
    .map((message) =>
      canonical({
        id: message.id,
        sender: message.senderInboxId,
        sentAtNs: message.sentAtNs,
        contentType: message.contentType,
        content: message.content,
        fallback: message.fallback,
      }),
    )
    .sort();
  const hash = createHash("sha256");
  for (const line of lines) hash.update(`${line}\n`);
  hash.update(canonical(lastReadTimes));
  return hash.digest("hex");
}

/** JSON with sorted keys, where bytes and 64-bit numbers have one spelling. */
function canonical(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return `"${value}n"`;
  if (value instanceof Uint8Array)
    return `"hex:${Buffer.from(value).toString("hex")}"`;
  if (value instanceof Date) return `"${value.toISOString()}"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value)
      // What a reply answers is a message of its own: its id is in the reply.
      .filter(([key, each]) => key !== "inReplyTo" && each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
