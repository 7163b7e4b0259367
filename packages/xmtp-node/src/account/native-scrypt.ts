import { scrypt } from "node:crypto";

const blockSize = 8;
const keyBytes = 32;

/** scrypt by OpenSSL, as age uses it: r = 8, p = 1. */
export function nativeScrypt(
  passphrase: Uint8Array,
  salt: Uint8Array,
  workFactor: number,
): Promise<Uint8Array> {
  const N = 2 ** workFactor;
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase,
      salt,
      keyBytes,
      // OpenSSL counts a little more than the 128 · r · N bytes of the algorithm itself.
      { N, r: blockSize, p: 1, maxmem: 128 * blockSize * (N + 32) },
      (error, key) => {
        if (error === null) resolve(new Uint8Array(key));
        else reject(error);
      },
    );
  });
}
