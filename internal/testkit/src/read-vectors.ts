import {
  BackupFileError,
  type BackupFileLimits,
  type BackupFilePorts,
  readMessageBackupFile,
  readXmtpArchive,
} from "@carryover/backup-file";

// What is read of a test vector, in the neutral words of the vectors. Runs wherever the ports do.

/** How a test vector of a Message Backup File is read. */
export interface FileVectorInput {
  readonly bytes: Uint8Array;
  readonly identity: string;
  readonly limits?: Partial<BackupFileLimits> | undefined;
}

/** How a test vector of an XMTP archive is read. */
export interface ArchiveVectorInput {
  readonly bytes: Uint8Array;
  readonly key: Uint8Array;
}

/** What a Message Backup File holds, or the code of its error. */
export async function readFileVector(
  { bytes, identity, limits }: FileVectorInput,
  ports: BackupFilePorts,
): Promise<unknown> {
  return await outcome(async () => {
    const reader = await readMessageBackupFile({
      file: streamOf(bytes),
      identities: [identity],
      ports,
      ...(limits === undefined ? {} : { limits }),
    });
    const elements: string[] = [];
    for await (const record of reader.elements)
      elements.push(sha256(record.bytes, ports));
    const { manifest, ...file } = reader.verified();
    return { ...file, header: reader.header, elements, manifest };
  });
}

/** What an XMTP archive holds, or the code of its error. */
export async function readArchiveVector(
  { bytes, key }: ArchiveVectorInput,
  ports: BackupFilePorts,
): Promise<unknown> {
  return await outcome(async () => {
    const reader = await readXmtpArchive({
      archive: streamOf(bytes),
      key,
      ports,
    });
    const elements: string[] = [];
    for await (const record of reader.elements)
      elements.push(sha256(record.bytes, ports));
    return { elements, nonces: reader.end().nonces };
  });
}

const streamOf = (bytes: Uint8Array) =>
  new Blob([Uint8Array.from(bytes)]).stream();

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function sha256(bytes: Uint8Array, ports: BackupFilePorts): string {
  const hash = ports.createSha256();
  hash.update(bytes);
  return hex(hash.digest());
}

/** As in the vectors: hex, decimal strings, nothing for `undefined`. */
const neutral = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === "bigint"
        ? String(part)
        : part instanceof Uint8Array
          ? hex(part)
          : part,
    ),
  );

async function outcome(read: () => Promise<object>): Promise<unknown> {
  try {
    return neutral(await read());
  } catch (error) {
    if (error instanceof BackupFileError) return { error: error.code };
    throw error;
  }
}
