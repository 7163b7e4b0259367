import { gzipSync } from "node:zlib";
import { createPortablePorts, type AgeRecipient } from "@carryover/backup-file";
import { createAgeHeader, sealAgePayload } from "@carryover/backup-file/layers";
import { encodeHeader } from "../header/codec.js";
import { paddingFor } from "../padding.js";
import { join, utf8 } from "./bytes.js";
import { measure, sampleHeader } from "./samples.js";

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
    createPortablePorts().chaCha20Poly1305,
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
    compressed: new Uint8Array(gzipSync(database)),
    padding: paddingFor,
  };
  const changed = { ...parts, ...change(parts) };
  const start = join(utf8(`${changed.line}\n`), changed.compressed);
  return join(start, changed.padding(start.length));
};
