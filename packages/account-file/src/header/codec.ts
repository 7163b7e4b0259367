import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { AccountFileError } from "../errors.js";
import { fieldsOf } from "./fields.js";
import type {
  AccountFileHeader,
  AccountFileHeaderInput,
  AccountIdentifier,
} from "./types.js";

/** The name of the format, in the header of every file. */
export const FORMAT_NAME = "carryover/backup-account";
/** The version that this package writes, and the only one it reads. */
export const FORMAT_VERSION = 1;
/** What the header of every version begins with, so that a reader tells a Backup Account File by its first bytes. */
export const HEADER_START = `{"format":"${FORMAT_NAME}","version":`;

const WORD = /^[a-z0-9][a-z0-9-]{0,31}$/;
const HEX_32_BYTES = /^[0-9a-f]{64}$/;
const ETHEREUM_ADDRESS = /^0x[0-9a-f]{40}$/;
const PRINTABLE_ASCII = /^[!-~]{1,256}$/;
/** Names and versions of software: one line without control characters. */
const SHORT_TEXT = /^[ -~]{1,128}$/;

/** A header, and what of it this version does not know. */
export interface ParsedHeader {
  readonly header: AccountFileHeader;
  /** Paths of fields of a later minor version. */
  readonly unknownFields: readonly string[];
}

/**
 * The header's line, without its line feed.
 *
 * @throws AccountFileError `headerInvalid` for a header that no reader would accept
 */
export const encodeHeader = (
  input: AccountFileHeaderInput,
  database: { readonly sizeBytes: number; readonly sha256: Uint8Array },
): Uint8Array => {
  const time = (ns: bigint | undefined): string | undefined => ns?.toString();
  // JSON leaves out what is undefined. The order is fixed: a reader looks at the first two before it parses.
  const line = new TextEncoder().encode(
    JSON.stringify({
      format: FORMAT_NAME,
      version: FORMAT_VERSION,
      role: "BACKUP",
      producer: {
        name: input.producer.name,
        version: input.producer.version,
        libxmtpVersion: input.producer.libxmtpVersion,
      },
      environment: input.environment,
      inboxId: input.inboxId,
      account: {
        kind: input.account.kind,
        identifier: input.account.identifier,
      },
      installationId: input.installationId,
      createdAtNs: time(input.createdAtNs),
      sequence: input.sequence,
      refreshedAtNs: time(input.refreshedAtNs),
      keyPackageExpiresAtNs: time(input.keyPackageExpiresAtNs),
      messagesKeptUntilNs: time(input.messagesKeptUntilNs),
      seededAtNs: time(input.seededAtNs),
      database: {
        codec: "gzip",
        sizeBytes: database.sizeBytes,
        sha256: bytesToHex(database.sha256),
      },
    }),
  );
  parseHeader(line);
  return line;
};

const parseJson = (line: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch {
    // The cause is left out: it quotes the text.
    throw new AccountFileError("headerInvalid", "header: expected JSON");
  }
};

/**
 * Reads the header's line, without its line feed.
 *
 * @throws AccountFileError `notAccountFile`, `versionUnsupported`, `headerInvalid`
 */
export const parseHeader = (line: Uint8Array): ParsedHeader => {
  const start = new TextDecoder().decode(line.subarray(0, HEADER_START.length));
  if (start !== HEADER_START)
    throw new AccountFileError(
      "notAccountFile",
      "header: it does not begin as that of a Backup Account File",
    );
  const fields = fieldsOf(parseJson(line), "header");
  if (fields.text("format", /^/) !== FORMAT_NAME)
    throw new AccountFileError("headerInvalid", "header.format: named twice");
  const version = fields.count("version");
  if (version !== FORMAT_VERSION)
    throw new AccountFileError(
      "versionUnsupported",
      `header.version: expected ${FORMAT_VERSION}, got ${version}`,
    );
  fields.text("role", /^BACKUP$/);
  const producer = fields.object("producer");
  const account = fields.object("account");
  const database = fields.object("database");
  database.text("codec", /^gzip$/);
  const header: AccountFileHeader = {
    version,
    role: "BACKUP",
    producer: {
      name: producer.text("name", SHORT_TEXT),
      version: producer.text("version", SHORT_TEXT),
      libxmtpVersion: producer.text("libxmtpVersion", SHORT_TEXT),
    },
    environment: fields.text("environment", WORD),
    inboxId: fields.text("inboxId", HEX_32_BYTES),
    account: parseAccount(account),
    installationId: fields.text("installationId", HEX_32_BYTES),
    createdAtNs: fields.timeNs("createdAtNs"),
    sequence: fields.count("sequence"),
    refreshedAtNs: fields.timeNs("refreshedAtNs"),
    keyPackageExpiresAtNs: fields.timeNs("keyPackageExpiresAtNs"),
    messagesKeptUntilNs: fields.optionalTimeNs("messagesKeptUntilNs"),
    seededAtNs: fields.optionalTimeNs("seededAtNs"),
    database: {
      codec: "gzip",
      sizeBytes: database.count("sizeBytes"),
      sha256: hexToBytes(database.text("sha256", HEX_32_BYTES)),
    },
  };
  if (header.refreshedAtNs < header.createdAtNs)
    throw new AccountFileError(
      "headerInvalid",
      "header.refreshedAtNs: it is before createdAtNs",
    );
  return { header, unknownFields: fields.unknown() };
};

const parseAccount = (
  fields: ReturnType<typeof fieldsOf>,
): AccountIdentifier => {
  const kind = fields.text("kind", WORD);
  return {
    kind,
    identifier: fields.text(
      "identifier",
      kind === "ethereum" ? ETHEREUM_ADDRESS : PRINTABLE_ASCII,
    ),
  };
};
