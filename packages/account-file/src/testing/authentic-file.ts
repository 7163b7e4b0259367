import type { AccountFileLimits } from "../limits.js";
import { verifyBackupAccountFile } from "../open-account-file.js";
import type { AccountFileSecret } from "../protection/types.js";
import { streamOfBytes } from "./bytes.js";
import { codeOf } from "./codes.js";
import { createKeyPair, sampleDatabase } from "./samples.js";

// Files that are authentic, by somebody who has the key and makes them wrong.

/** Whom the files are for. */
export const { identity, recipient } = await createKeyPair();
/** What opens a file for {@link recipient}. */
export const secret: AccountFileSecret = {
  kind: "identities",
  identities: [identity],
};
/** The code that reading a file whole ends with; "none" when nothing is wrong. */
export const verify = (
  file: Uint8Array,
  limits: Partial<AccountFileLimits> = {},
  with_: AccountFileSecret = secret,
) =>
  codeOf(
    verifyBackupAccountFile({
      file: streamOfBytes(file, 50_000),
      secret: with_,
      limits,
    }),
  );
/** What the files hold. */
export const database = sampleDatabase(3000);
/** Of files that a passphrase protects. */
export const passphrase = "long enough";
