import {
  daysLeft,
  inspectBackupAccountFile,
  verifyBackupAccountFile,
} from "@carryover/account-file";
import type { AccountFilePlace } from "../ports/account-file-place.js";
import type { LongCallOptions } from "../progress.js";
import type { AccountFlow } from "./account-flow.js";
import type { InspectedBackupAccountFile, SecretChoice } from "./api.js";
import { summarize } from "./file-summary.js";
import { sayingWhoRefused } from "./passkey-refusal.js";
import { resolveSecret } from "./wallet.js";

/**
 * Says what a file needs to be opened, and with the secret also what it is. No network.
 *
 * @throws {CarryoverError} `accountFileNotFound`, `walletRefused`
 * @throws {AccountFileError} for a file that is none, or does not open
 */
export async function inspectFile(
  { accountFile: ports, clock }: Pick<AccountFlow, "accountFile" | "clock">,
  {
    file,
    secret,
    signal,
  }: LongCallOptions & { file: AccountFilePlace; secret?: SecretChoice },
): Promise<InspectedBackupAccountFile> {
  const bound = signal ? { signal } : {};
  const { protection } = await inspectBackupAccountFile({
    file: await file.open(),
    ...bound,
  });
  if (secret === undefined)
    return { sizeBytes: await countBytes(await file.open()), protection };
  const resolved = await resolveSecret(file, secret);
  const { header, sizeBytes, unknownFields } = await sayingWhoRefused(
    async () =>
      verifyBackupAccountFile({
        file: await file.open(),
        secret: resolved,
        ports,
        ...bound,
      }),
  );
  return {
    sizeBytes,
    protection,
    contents: {
      header,
      summary: summarize(header),
      daysLeft: daysLeft(header, clock.nowNs()),
      unknownFields,
    },
  };
}

async function countBytes(file: ReadableStream<Uint8Array>): Promise<number> {
  let sizeBytes = 0;
  for await (const chunk of file) sizeBytes += chunk.length;
  return sizeBytes;
}
