import { createPortablePorts, type AgeRecipient } from "@carryover/backup-file";
import { createAgeHeader, sealAgePayload } from "@carryover/backup-file/layers";
import { encodeHeader } from "../header/codec.js";
import { paddingFor } from "../padding.js";
import { createScryptRecipient } from "../protection/scrypt.js";
import { join, utf8 } from "./bytes.js";
import { measure, sampleHeader } from "./samples.js";

const ports = createPortablePorts();

/** A gzip member that compresses nothing: the same on every system, unlike what zlib makes. */
export const storedGzip = (bytes: Uint8Array): Uint8Array => {
  const pieces: Uint8Array[] = [
    Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255),
  ];
  for (let at = 0; at === 0 || at < bytes.length; at += 65_535) {
    const block = bytes.subarray(at, at + 65_535);
    const head = new DataView(new ArrayBuffer(5));
    head.setUint8(0, at + block.length >= bytes.length ? 1 : 0);
    head.setUint16(1, block.length, true);
    head.setUint16(3, ~block.length, true);
    pieces.push(new Uint8Array(head.buffer), block);
  }
  const end = new DataView(new ArrayBuffer(8));
  end.setUint32(0, ports.crc32(bytes, 0), true);
  end.setUint32(4, bytes.length, true);
  return join(...pieces, new Uint8Array(end.buffer));
};

/** An age file of any content, as somebody could make it who has the recipient. */
export const rawFile = async (
  content: Uint8Array,
  recipients: readonly AgeRecipient[],
): Promise<Uint8Array> => {
  const { header, fileKey } = await createAgeHeader(recipients);
  const pieces = [header];
  async function* plain() {
    yield content;
  }
  for await (const piece of sealAgePayload(
    plain(),
    fileKey,
    crypto.getRandomValues(new Uint8Array(16)),
    ports.chaCha20Poly1305,
  ))
    pieces.push(piece);
  return join(...pieces);
};

/** The parts of a payload, each of which a test can change. */
export interface PayloadParts {
  readonly line: string;
  readonly compressed: Uint8Array;
  readonly padding: (payloadBytes: number) => Uint8Array;
}

/** The payload of a database, with some of its parts changed. */
export const payloadOf = (
  database: Uint8Array,
  change: (parts: PayloadParts) => Partial<PayloadParts> = () => ({}),
): Uint8Array => {
  const parts: PayloadParts = {
    line: new TextDecoder().decode(
      encodeHeader(sampleHeader, measure(database)),
    ),
    compressed: storedGzip(database),
    padding: paddingFor,
  };
  const changed = { ...parts, ...change(parts) };
  const start = join(utf8(`${changed.line}\n`), changed.compressed);
  return join(start, changed.padding(start.length));
};

/** A whole file under a passphrase, with a work factor too low for a writer of this package. */
export const passphraseFile = async (
  database: Uint8Array,
  passphrase: string,
  workFactor = 4,
): Promise<Uint8Array> =>
  rawFile(payloadOf(database), [
    await createScryptRecipient(
      { passphrase, ports, signal: undefined },
      workFactor,
    ),
  ]);
