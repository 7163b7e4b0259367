import {
  type AccountFileDownload,
  accountFileFromBlob,
  CarryoverError,
  confirmBackupAccountFileSaved,
  type AccountSigner,
  createAccountFileDownload,
  createBackupAccountFile,
  createPasskeyProtection,
  fetchAccountBudget,
  fetchUnfinishedBackupAccountFiles,
  inspectBackupAccountFile,
  passkeySecret,
  type ProtectionChoice,
  revokeBackupAccountFile,
  type SecretChoice,
} from "@carryover/xmtp-browser";
import type { UnfinishedNotes } from "../../browser/clear.js";
import type { AppConfig } from "../../config/parse-config.js";
import { fileName } from "../../files/file-name.js";
import { saveFile } from "../../files/save-file.js";
import { createTask } from "../../machine/task.js";
import { connectWallet } from "../../wallet/connect-wallet.js";
import type { AnnouncedWallet } from "../../wallet/eip-1193.js";
import type { ChosenFile } from "../shared/chosen-file.js";
import { createLongWork } from "../shared/long-work.js";
import { networkOfConfig } from "../shared/network.js";
import type { RunningTask } from "../shared/running-task.js";
import { stoppableSigner } from "../shared/stoppable-signer.js";
import { MakeError } from "./make-error.js";
import {
  isMaking,
  type MakeEffect,
  type MakeEvent,
  type MakeProtection,
  makeStart,
  type MakeState,
  makeTransition,
} from "./make-state.js";

/** An installation that an earlier visit registered, and for which there is perhaps no file. */
export type UnfinishedFile = Awaited<
  ReturnType<typeof fetchUnfinishedBackupAccountFiles>
>[number];

/** What is in memory while the file is made, and gone afterwards. */
interface Held {
  signer: AccountSigner;
  secret?: SecretChoice;
  place?: AccountFileDownload;
  installationId?: string;
  /** Where it was saved, if it can be read back. */
  handle?: FileSystemFileHandle;
}

/**
 * Carries out "Make a Backup Account File".
 *
 * @param clear - called at the end
 * @param unfinished - what an earlier visit has left registered
 */
export function createMakeTask(
  config: AppConfig,
  clear: (unfinishedNotes: UnfinishedNotes) => Promise<void>,
  unfinished: readonly UnfinishedFile[],
): RunningTask<MakeState, MakeEvent> & { isUnfinished(): boolean } {
  const network = networkOfConfig(config);
  const work = createLongWork();
  let held: Held | undefined;
  const holding = () => {
    if (held === undefined) throw new Error("no wallet is connected");
    return held;
  };

  const connectStoppable = async (provider: AnnouncedWallet["provider"]) => {
    const { address, signer } = await work.untilStopped(
      connectWallet(provider),
    );
    return { address, signer: stoppableSigner(signer, work) };
  };

  const connect = async (
    { info, provider }: AnnouncedWallet,
    signal: AbortSignal,
  ) => {
    const { address, signer } = await connectStoppable(provider);
    const budget = await fetchAccountBudget({ network, signer });
    // Another wallet may be chosen by now.
    signal.throwIfAborted();
    held = { signer };
    const type = signer.type === "SCW" ? "contract" : "ordinary";
    return { wallet: { name: info.name, address, type }, budget } as const;
  };

  const make = async (
    protection: MakeProtection,
    bound: Parameters<Parameters<typeof work.run>[0]>[0],
  ) => {
    const { signer } = holding();
    const place = createAccountFileDownload();
    const chosen = await protectWith(protection, signer);
    const created = await createBackupAccountFile({
      network,
      file: place,
      signer,
      protection: chosen.protection,
      ...bound,
    });
    held = {
      signer,
      place,
      secret: chosen.secret,
      installationId: created.summary.installationId,
    };
    return created;
  };

  const save = async () => {
    const { place } = holding();
    const file = place?.file();
    if (file === undefined) throw new Error("there is no file");
    const saved = await saveFile(file, fileName("account", Date.now(), "age"));
    if (saved.kind === "cancelled") return saved.kind;
    if (saved.kind === "picked") held = { ...holding(), handle: saved.handle };
    await confirmSaved(holding().installationId);
    return saved.kind;
  };

  const check = async (
    file: ChosenFile | "saved",
    signal: AbortSignal,
  ): Promise<void> => {
    const { handle, secret, installationId } = holding();
    const blob = file === "saved" ? await handle?.getFile() : file.blob;
    if (blob === undefined || secret === undefined)
      throw new Error("there is nothing to check");
    const { contents } = await inspectBackupAccountFile({
      file: accountFileFromBlob(blob),
      secret,
      signal,
    });
    if (contents?.header.installationId !== installationId)
      throw new MakeError("anotherFile");
  };

  const revoke = async (
    { provider }: AnnouncedWallet,
    installationIds: readonly string[],
  ): Promise<void> => {
    const { signer } = await connectStoppable(provider);
    const noted = [
      ...unfinished,
      ...(await fetchUnfinishedBackupAccountFiles({ network })),
    ];
    for (const installationId of installationIds) {
      const file = noted.find((each) => each.installationId === installationId);
      if (file === undefined) throw new MakeError("noteMissing");
      const { inboxId } = file;
      await revokeBackupAccountFile({
        network,
        signer,
        inboxId,
        installationId,
      });
    }
  };

  const perform = (effect: MakeEffect, send: (event: MakeEvent) => void) => {
    switch (effect.kind) {
      case "connect":
        work.run(({ signal }) => connect(effect.wallet, signal), {
          done: (connected) => send({ kind: "connected", ...connected }),
          failed: (problem) => send({ kind: "notConnected", problem }),
        });
        return;
      case "make":
        work.run((bound) => make(effect.protection, bound), {
          progressed: (progress) => send({ kind: "progressed", progress }),
          done: (created) => send({ kind: "made", created }),
          failed: (problem) => send({ kind: "notMade", problem }),
        });
        return;
      case "save":
        work.run(save, {
          done: (how) => {
            if (how !== "cancelled") send({ kind: "saved", how });
          },
          failed: (problem) => send({ kind: "notSaved", problem }),
        });
        return;
      case "check":
        work.run(({ signal }) => check(effect.file, signal), {
          done: () => send({ kind: "opens" }),
          failed: (problem) => send({ kind: "doesNotOpen", problem }),
        });
        return;
      case "revoke":
        work.run(() => revoke(effect.wallet, effect.installationIds), {
          done: () => send({ kind: "revoked" }),
          failed: (problem) => send({ kind: "notRevoked", problem }),
        });
        return;
      case "keep": {
        const { installationId } = effect;
        work.run(() => confirmBackupAccountFileSaved({ installationId }), {
          done: () => send({ kind: "kept", installationId }),
          failed: (problem) => send({ kind: "notKept", problem }),
        });
        return;
      }
      case "stop":
        work.stop();
        return;
      case "forget": {
        const made = held?.installationId;
        held = undefined;
        const forget = async () => {
          // Where it could not be when the file was saved.
          if (made !== undefined)
            await confirmBackupAccountFileSaved({ installationId: made });
          await clear(effect.unfinishedNotes);
        };
        work.run(forget, {
          done: () => send({ kind: "cleared" }),
          failed: (problem) => send({ kind: "cleared", problem }),
        });
      }
    }
  };

  const task = createTask<MakeState, MakeEvent, MakeEffect>(
    makeStart(unfinished),
    makeTransition,
    perform,
  );
  return {
    ...task,
    isBusy: () => isMaking(task.getState()),
    isUnfinished: () => task.getState().step === "unfinished",
    dispose: async () => {
      work.stop();
      await work.settled();
      held = undefined;
    },
  };
}

/** The file is saved, whatever becomes of its note: with a note that stays, the next visit asks whether it was. */
async function confirmSaved(installationId: string | undefined) {
  if (installationId === undefined) throw new Error("there is no file");
  try {
    await confirmBackupAccountFileSaved({ installationId });
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
  }
}

async function protectWith(
  protection: MakeProtection,
  signer: AccountSigner,
): Promise<{ protection: ProtectionChoice; secret: SecretChoice }> {
  switch (protection.kind) {
    case "passphrase":
      return { protection, secret: protection };
    case "wallet": {
      const byWallet = { kind: "wallet", signer } as const;
      return { protection: byWallet, secret: byWallet };
    }
    case "passkey":
      return {
        protection: await createPasskeyProtection("Backup Account File"),
        secret: passkeySecret(),
      };
  }
}
