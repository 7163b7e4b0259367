import {
  type AccountFileHeaderInput,
  type AccountFileProtection,
  AccountFileError,
  type AccountFileSecret,
  measureDatabase,
  verifyBackupAccountFile,
  writeBackupAccountFile,
} from "@carryover/account-file";
import { CarryoverError } from "../errors.js";
import { toHex } from "../hex.js";
import type { AccountFilePlace } from "../ports/account-file-place.js";
import type { OpenDormantInstallation } from "../ports/dormant-installations.js";
import type { LongCallOptions } from "../progress.js";
import type { AccountFlow } from "./account-flow.js";
import { type AccountFileSummary, summarize } from "./file-summary.js";

/** A file that stands in its place. */
export interface WrittenAccountFile {
  summary: AccountFileSummary;
  sizeBytes: number;
}

/**
 * Closes an installation and puts it into a file. What was written is read back, and opened where the secret is known,
 * before it takes its place.
 *
 * @throws {CarryoverError} `accountFileExists`, `diskError`
 * @throws {AccountFileError} what the writer fails with; `altered` when what was read back is something else
 */
export async function writeAccountFile(
  flow: AccountFlow,
  dormant: OpenDormantInstallation,
  options: LongCallOptions & {
    header: AccountFileHeaderInput;
    protection: AccountFileProtection;
    file: AccountFilePlace;
    ifThere: "refuse" | "replace";
  },
): Promise<WrittenAccountFile> {
  const { header, protection, file: place, ifThere, signal } = options;
  const { accountFile: ports } = flow;
  const { readDatabase } = await dormant.close();
  const measured = await measureDatabase(await readDatabase(), {
    ports,
    ...(signal && { signal }),
  });
  options.onProgress?.({ phase: "writingFile" });
  const { file, finished } = writeBackupAccountFile({
    header,
    database: await readDatabase(),
    measured,
    protection,
    ports,
    ...(signal && { signal }),
    onProgress: ({ fileBytes }) =>
      options.onProgress?.({ phase: "writingFile", bytes: fileBytes }),
  });
  let summary: AccountFileSummary | undefined;
  await place.write(file, {
    ifThere,
    check: async (written) => {
      options.onProgress?.({ phase: "verifying" });
      summary = await readBack(flow, written, {
        secret: secretOf(protection),
        sha256: (await finished).sha256,
        header,
      });
    },
  });
  const { sizeBytes } = await finished;
  if (summary === undefined)
    throw new CarryoverError("diskError", "the file was not checked");
  return { summary, sizeBytes };
}

/** What opens the file that is written now; recipients keep that to themselves. */
function secretOf(
  protection: AccountFileProtection,
): AccountFileSecret | undefined {
  switch (protection.kind) {
    case "passphrase":
      return { kind: "passphrase", passphrase: protection.passphrase };
    case "walletSignature":
      return { kind: "walletSignature", key: protection.key };
    case "recipients":
      return undefined;
  }
}

async function readBack(
  { accountFile: ports }: AccountFlow,
  file: ReadableStream<Uint8Array>,
  expected: {
    secret: AccountFileSecret | undefined;
    sha256: Uint8Array;
    header: AccountFileHeaderInput;
  },
): Promise<AccountFileSummary> {
  const { secret, header } = expected;
  const sha256 =
    secret === undefined
      ? (await measureDatabase(file, { ports })).sha256
      : (await verifyBackupAccountFile({ file, secret, ports })).sha256;
  if (toHex(sha256) !== toHex(expected.sha256))
    throw new AccountFileError(
      "altered",
      "what was read back is not what was written",
    );
  return summarize(header);
}
