import type { InboxId, InstallationId } from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import { importBackup, rememberBefore } from "../history/import-backup.js";
import { verifyBackup } from "../history/verify-backup.js";
import type {
  AccountState,
  NewInstallation,
} from "../ports/dormant-installations.js";
import type { LongCallOptions } from "../progress.js";
import { makeConversationsLive } from "../provider/make-conversations-live.js";
import { learnBackupRole } from "../role/backup-roles.js";
import { signRoleCertificate } from "../role/role-certificate.js";
import type { AccountFlow } from "./account-flow.js";
import type { CreatedBackupAccountFile } from "./api.js";
import { writePassingHistoryFile } from "./move-history.js";
import {
  forgetUnfinished,
  noteMade,
  noteUnfinished,
} from "./unfinished-notes.js";

/** Who makes a file: an installation of the account, or its wallet alone. */
export interface FileMaker {
  readonly inboxId: InboxId;
  /** @throws {CarryoverError} when it does not belong to the account, as the network knows it */
  assertBelongsTo(account: AccountState): void;
  /** Stores that it was begun, before anything is registered: whenever the process dies, it is known of. */
  begin(dormant: NewInstallation): Promise<void>;
  /** Forgets that: the file is there, or nothing was registered. */
  end(installationId: InstallationId): Promise<void>;
  /** Stores that the file was made where it is lost unless somebody saves it: it is known of until that is confirmed. */
  awaitSaving(installationId: InstallationId): Promise<void>;
  /**
   * Adds the new installation to the conversations that exist: they know nothing of it until a member does.
   *
   * @returns those that it could not be added to
   */
  joinConversations(
    installationId: InstallationId,
    options: LongCallOptions,
  ): Promise<string[]>;
  /** Puts the history so far into it. Absent where there is none. */
  seed?: (
    dormantContext: EngineContext,
    options: LongCallOptions,
  ) => Promise<NonNullable<CreatedBackupAccountFile["history"]>>;
}

/** An installation of the account makes the file: it has history to give, and conversations to add it to. */
export function installationAsMaker(
  context: EngineContext,
  flow: AccountFlow,
): FileMaker {
  const { installation, state } = context;
  return {
    inboxId: installation.inboxId,
    assertBelongsTo: ({ installations }) => {
      if (
        !installations.some(
          ({ installationId }) =>
            installationId === installation.installationId,
        )
      )
        throw new CarryoverError(
          "installationRevoked",
          "this installation does not belong to the inbox",
        );
    },
    begin: async (dormant) => {
      await learnBackupRole(context, await signRoleCertificate(flow, dormant));
      await state.update((draft) => {
        draft.unfinishedFiles.push({
          installationId: dormant.installation.installationId,
          startedAtNs: flow.clock.nowNs(),
          file: "notMade",
        });
      });
    },
    end: async (installationId) => {
      await state.update((draft) => {
        draft.unfinishedFiles = draft.unfinishedFiles.filter(
          (entry) => entry.installationId !== installationId,
        );
      });
    },
    awaitSaving: async (installationId) => {
      await state.update((draft) => {
        for (const entry of draft.unfinishedFiles)
          if (entry.installationId === installationId)
            entry.file = "perhapsSaved";
      });
    },
    joinConversations: (installationId, { signal, onProgress }) =>
      makeConversationsLive(context, installationId, {
        ...(signal && { signal }),
        ...(onProgress && {
          onProgress: (progress) =>
            onProgress({ ...progress, phase: "joiningConversations" }),
        }),
      }),
    seed: (dormantContext, options) => seed(context, dormantContext, options),
  };
}

/**
 * The wallet alone makes the file. It has no history, and can add nobody to a conversation: the account's installations and
 * other members do that when they next write there.
 */
export function walletAsMaker(flow: AccountFlow, inboxId: InboxId): FileMaker {
  const { clock, dormantInstallations, journal } = flow;
  return {
    inboxId,
    assertBelongsTo: () => undefined,
    begin: ({ installation }) =>
      noteUnfinished(journal, {
        environment: dormantInstallations.environment,
        inboxId,
        installationId: installation.installationId,
        startedAtNs: clock.nowNs(),
        file: "notMade",
      }),
    end: (installationId) => forgetUnfinished(journal, installationId),
    awaitSaving: (installationId) => noteMade(journal, installationId),
    joinConversations: async () => [],
  };
}

/** As any other restored history. */
async function seed(
  context: EngineContext,
  dormantContext: EngineContext,
  options: LongCallOptions,
): Promise<NonNullable<CreatedBackupAccountFile["history"]>> {
  const passing = await writePassingHistoryFile(context, options);
  try {
    const verified = await verifyBackup(
      dormantContext,
      passing.source,
      options,
    );
    await importBackup(dormantContext, passing.source, verified, {
      ...options,
      before: await rememberBefore(dormantContext, verified),
    });
    const { conversationCount, messageCount, leftOut } = passing.written;
    return { conversationCount, messageCount, leftOut };
  } finally {
    await passing.dispose();
  }
}
