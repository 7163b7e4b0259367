import { wholeHistory } from "@carryover/protocol";
import { generateX25519Identity } from "age-encryption";
import type { BackupFileSource } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { toHex } from "../hex.js";
import { openHistoryFile } from "../history/write-history-file.js";
import type { LongCallOptions } from "../progress.js";
import type { OpenDormantInstallation } from "../ports/dormant-installations.js";
import type { SentFile } from "../state/engine-state.js";
import type { AccountFlow } from "./account-flow.js";
import { createDormantContext } from "./dormant-context.js";
import { syncDormant } from "./sync-dormant.js";

/** A Message Backup File between two installations on the same machine. */
export interface PassingHistoryFile {
  source: BackupFileSource;
  /** Opens it. */
  identity: string;
  written: SentFile;
  dispose(): Promise<void>;
}

/**
 * XIP-31, "Restoring from a Backup Account File directly" 4: writes the history of one installation as a Message Backup
 * File, under a key that is nowhere but in memory.
 */
export async function writePassingHistoryFile(
  context: EngineContext,
  options: LongCallOptions,
): Promise<PassingHistoryFile> {
  const { scratch, randomBytes } = context;
  const identity = await generateX25519Identity();
  const name = `account-file-${toHex(randomBytes(16))}`;
  const dispose = () => scratch.delete(name);
  try {
    const {
      file,
      finished,
      dispose: close,
    } = await openHistoryFile(context, {
      identity,
      scope: wholeHistory,
      phase: "archiving",
      ...options,
    });
    try {
      await file.pipeTo(await scratch.append(name));
    } finally {
      await close();
    }
    return {
      source: {
        open: () => scratch.read(name),
        secret: { kind: "ageIdentity", identity },
      },
      identity,
      written: await finished,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * Steps 3 and 4: what the network has for a dormant installation, and what it had before, in a file of its own. Its temporary
 * database is gone then.
 */
export async function takeDormantHistory(
  flow: AccountFlow,
  dormant: OpenDormantInstallation,
  options: LongCallOptions,
): Promise<PassingHistoryFile> {
  try {
    await syncDormant(dormant.history, options);
    return await writePassingHistoryFile(
      await createDormantContext(flow, dormant),
      options,
    );
  } finally {
    await dormant.dispose();
  }
}
