/** What is known of an account without the network. */
export interface KnownAccount {
  identifier: string;
  kind: "ethereum" | "passkey";
  /** 64 hex digits. */
  inboxId: string;
}

const service = "/xmtp.identity.api.v1.IdentityApi/";
/** `IdentifierKind` on the wire. */
const wireKinds: Record<KnownAccount["kind"], number> = {
  ethereum: 1,
  passkey: 2,
};

/**
 * Answers what the library asks the network when it opens a database, from what is known without it: whose inbox it is, and
 * that nobody knows of anything newer.
 *
 * @param path - of the call: `/package.Service/Method`
 * @returns a protobuf message; `undefined` for anything else, which only the network can answer
 */
export function answerWithoutNetwork(
  path: string,
  { identifier, kind, inboxId }: KnownAccount,
): Uint8Array | undefined {
  switch (path) {
    case `${service}GetInboxIds`:
      // GetInboxIdsResponse.responses (1) → identifier (1), inbox_id (2), identifier_kind (3)
      return field(1, [
        ...field(1, utf8(identifier)),
        ...field(2, utf8(inboxId)),
        3 * 8,
        wireKinds[kind],
      ]);
    case `${service}GetIdentityUpdates`:
      return new Uint8Array(0);
    default:
      return undefined;
  }
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A length-delimited field of a protobuf message. */
function field(number: number, content: Iterable<number>): Uint8Array {
  const bytes = [...content];
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80))
    length.push((rest % 0x80) | 0x80);
  return new Uint8Array([number * 8 + 2, ...length, rest, ...bytes]);
}
