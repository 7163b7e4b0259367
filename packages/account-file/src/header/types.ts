/** What a Backup Account File says of itself. All of it is inside: nothing of it can be read without the secret. */
export interface AccountFileHeader {
  /** The format's version; this package writes and reads 1. */
  readonly version: number;
  /** XIP-31 `ContactRole`: of such an installation every message but a response is disregarded. */
  readonly role: "BACKUP";
  readonly producer: AccountFileProducer;
  /** The XMTP network: `local`, `dev`, `production`, or a word of a later SDK. */
  readonly environment: string;
  /** Whose account this is: 64 lower-case hex digits. */
  readonly inboxId: string;
  /** Who registered the installation. */
  readonly account: AccountIdentifier;
  /** The dormant installation: 64 lower-case hex digits. */
  readonly installationId: string;
  /** When the installation was made, in nanoseconds since 1970. The same in all copies. */
  readonly createdAtNs: bigint;
  /** 1 in the first copy, one more after each refresh. */
  readonly sequence: number;
  /** When this copy was last in step with the network, in nanoseconds since 1970. */
  readonly refreshedAtNs: bigint;
  /** Until then the installation can be added to new conversations, in nanoseconds since 1970. */
  readonly keyPackageExpiresAtNs: bigint;
  /**
   * From then on, messages sent since `refreshedAtNs` may be gone from the network, in nanoseconds since 1970;
   * `undefined` on a network that keeps them for ever.
   */
  readonly messagesKeptUntilNs: bigint | undefined;
  /** The database also holds the history up to then, in nanoseconds since 1970; `undefined` if it was not seeded. */
  readonly seededAtNs: bigint | undefined;
  readonly database: DatabaseDescription;
}

/** What made the file. */
export interface AccountFileProducer {
  readonly name: string;
  readonly version: string;
  /** The XMTP library that wrote the database; it opens in that version and in later ones. */
  readonly libxmtpVersion: string;
}

/** An identifier of an XMTP inbox. */
export interface AccountIdentifier {
  /** `ethereum`, `passkey`, or a word of a later SDK. */
  readonly kind: string;
  /** For `ethereum` the address: `0x` and 40 lower-case hex digits. */
  readonly identifier: string;
}

/** The database, before anything of it is read. */
export interface DatabaseDescription {
  readonly codec: "gzip";
  /** Bytes of the database, expanded. */
  readonly sizeBytes: number;
  /** SHA-256 of the database, expanded: 32 bytes. */
  readonly sha256: Uint8Array;
}

/** What a writer is told; version, role and codec it knows itself. */
export type AccountFileHeaderInput = Omit<
  AccountFileHeader,
  "version" | "role" | "database" | "messagesKeptUntilNs" | "seededAtNs"
> & {
  readonly messagesKeptUntilNs?: bigint | undefined;
  readonly seededAtNs?: bigint | undefined;
};
