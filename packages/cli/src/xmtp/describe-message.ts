import {
  type DecodedMessage,
  isAttachment,
  isMarkdown,
  isText,
  isTextReply,
} from "@xmtp/node-sdk";

/** A message in one line of words; not printable as it is. */
export function describeMessage(message: DecodedMessage): string {
  if (isText(message) || isMarkdown(message)) return message.content ?? "";
  if (isTextReply(message)) return `↪ ${message.content?.content ?? ""}`;
  if (isAttachment(message))
    return `📎 ${message.content?.filename ?? "attachment"}, ${message.content?.content.length ?? 0} bytes`;
  return message.fallback ?? `(${message.contentType.typeId})`;
}
