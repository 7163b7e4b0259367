import {
  Encrypter,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";

import { createPortablePorts } from "../ports/portable.js";
import { collectBytes, inPieces } from "./bytes.js";

/** A key pair for a test. */
export const createTestIdentity = async () => {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
};

/** Any bytes as an age file, made by `age-encryption` alone. */
export const ageSeal = async (
  content: Uint8Array,
  recipient: string,
): Promise<Uint8Array> => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(content);
};

/** Any bytes compressed by the platform and encrypted by `age-encryption`. */
export const gzipAndSeal = async (
  plain: Uint8Array,
  recipient: string,
): Promise<Uint8Array> =>
  ageSeal(
    await collectBytes(createPortablePorts().gzip(inPieces(plain))),
    recipient,
  );
