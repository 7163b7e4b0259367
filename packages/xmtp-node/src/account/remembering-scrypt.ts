import { createHash } from "node:crypto";
import { nativeScrypt } from "./native-scrypt.js";

/** How long a key is remembered after it was last asked for, milliseconds: one piece of work opens a file several times. */
const rememberedMs = 30_000;
const maxRemembered = 4;

type Scrypt = typeof nativeScrypt;

/**
 * scrypt that does not derive the same key twice within half a minute: a file is looked at, opened, written and read back in
 * one piece of work, and each time costs a second and 256 MB. Keys are wiped when they are forgotten.
 *
 * @param derive - the real one
 */
export function createRememberingScrypt(derive: Scrypt = nativeScrypt): Scrypt {
  const keys = new Map<
    string,
    { key: Promise<Uint8Array>; timer?: NodeJS.Timeout }
  >();
  const forget = (name: string) => {
    const entry = keys.get(name);
    keys.delete(name);
    clearTimeout(entry?.timer);
    void entry?.key.then(
      (key) => key.fill(0),
      () => undefined,
    );
  };
  return async (passphrase, salt, workFactor) => {
    // The passphrase itself is not kept.
    const name = createHash("sha256")
      .update(`${workFactor} ${salt.length} `)
      .update(salt)
      .update(passphrase)
      .digest("hex");
    let entry = keys.get(name);
    if (entry === undefined) {
      for (const oldest of keys.keys())
        if (keys.size >= maxRemembered) forget(oldest);
      entry = { key: derive(passphrase, salt, workFactor) };
      keys.set(name, entry);
    }
    try {
      // Whoever asked may wipe it.
      return (await entry.key).slice();
    } catch (error) {
      forget(name);
      throw error;
    } finally {
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => forget(name), rememberedMs);
      entry.timer.unref();
    }
  };
}

/** The one of this process. */
export const rememberingScrypt: Scrypt = createRememberingScrypt();
