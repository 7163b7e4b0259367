import { LocalNetworkError } from "./errors.js";
import { createTlsReader, type TlsReader } from "./tls-reader.js";

/** What a node reads from an MLS group message without any key. */
export interface GroupMessageFraming {
  readonly groupId: Uint8Array;
  readonly content: "application" | "proposal" | "commit";
}

const mls10 = 1;
const publicMessage = 1;
const privateMessage = 2;

const senderIndexed: ReadonlySet<number> = new Set([1, 2]);
const senderPlain: ReadonlySet<number> = new Set([3, 4]);

/**
 * Parses the framing of a TLS-serialized `MLSMessage` that holds a `PublicMessage` or a `PrivateMessage` (RFC 9420,
 * section 6). Bytes after it are ignored, as the real node does.
 *
 * @throws LocalNetworkError `malformedMls`
 */
export function parseGroupMessageFraming(
  bytes: Uint8Array,
): GroupMessageFraming {
  const reader = createTlsReader(bytes);
  const version = reader.uint16("version");
  if (version !== mls10) {
    throw new LocalNetworkError(
      "malformedMls",
      `version: expected ${mls10}, found ${version}`,
    );
  }
  const wireFormat = reader.uint16("wire_format");
  if (wireFormat === privateMessage) return readPrivateMessage(reader);
  if (wireFormat === publicMessage) return readPublicMessage(reader);
  throw new LocalNetworkError(
    "malformedMls",
    `wire_format: expected a public or a private message, found ${wireFormat}`,
  );
}

function readPrivateMessage(reader: TlsReader): GroupMessageFraming {
  const groupId = reader.vector("group_id");
  reader.uint64("epoch");
  const content = readContentType(reader);
  reader.vector("authenticated_data");
  reader.vector("encrypted_sender_data");
  reader.vector("ciphertext");
  return { groupId, content };
}

function readPublicMessage(reader: TlsReader): GroupMessageFraming {
  const groupId = reader.vector("group_id");
  reader.uint64("epoch");
  const sender = reader.uint8("sender_type");
  if (senderIndexed.has(sender)) reader.uint32("sender_index");
  else if (!senderPlain.has(sender)) {
    throw new LocalNetworkError(
      "malformedMls",
      `sender_type: unknown value ${sender}`,
    );
  }
  reader.vector("authenticated_data");
  return { groupId, content: readContentType(reader) };
}

function readContentType(reader: TlsReader): GroupMessageFraming["content"] {
  const type = reader.uint8("content_type");
  switch (type) {
    case 1:
      return "application";
    case 2:
      return "proposal";
    case 3:
      return "commit";
    default:
      throw new LocalNetworkError(
        "malformedMls",
        `content_type: unknown value ${type}`,
      );
  }
}
