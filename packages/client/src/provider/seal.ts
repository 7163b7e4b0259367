import { Encrypter } from "age-encryption";

/**
 * Seals bytes to one age recipient.
 *
 * @throws {Error} when the recipient is of the right form and no usable key
 */
export async function sealTo(
  recipient: string,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return await encrypter.encrypt(bytes);
}

/** False for a recipient that has the form of a key and is none: a point of small order, a lattice element out of range. */
export async function canSealTo(recipient: string): Promise<boolean> {
  try {
    await sealTo(recipient, new Uint8Array(0));
    return true;
  } catch {
    // The library has no codes. Whatever it is, the recipient came from outside and is of no use.
    return false;
  }
}
