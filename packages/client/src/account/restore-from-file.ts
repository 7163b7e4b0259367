import type { InstallationId } from "@carryover/protocol";
import type { ImportReport } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { loadBackupFile } from "../history/load-backup-file.js";
import { sortConversations } from "../history/ordinary-conversations.js";
import { learnBackupRole } from "../role/backup-roles.js";
import type { AccountFlow } from "./account-flow.js";
import type {
  ImportFromBackupAccountFileOptions,
  RestoreReport,
  WaitingConversation,
} from "./api.js";
import { createDormantContext } from "./dormant-context.js";
import { writePassingHistoryFile } from "./move-history.js";
import { openAccountFile, type OpenAccountFileOptions } from "./open-file.js";
import { refreshFile } from "./refresh-file.js";
import { prepareLock } from "./refresh-lock.js";
import { signRoleCertificate } from "../role/role-certificate.js";
import { syncDormant } from "./sync-dormant.js";

/** XIP-31 `importFromBackupAccountFile`. */
export async function restoreFromFile(
  context: EngineContext,
  flow: AccountFlow,
  options: ImportFromBackupAccountFileOptions,
): Promise<RestoreReport> {
  const { conversations = "leaveReadOnly" } = options;
  if (conversations === "leaveReadOnly")
    return (await restore(context, flow, options)).restored;
  const lock = await prepareLock(flow, options.file);
  try {
    const { restored, members } = await restore(context, flow, {
      ...options,
      onInstallation: lock.take,
    });
    await refreshFile(flow, {
      ...options,
      lock,
      makeLiveFor: context.installation.installationId,
    });
    return await reportLive(context, restored, members);
  } finally {
    await lock.release();
  }
}

type RestoreOptions = ImportFromBackupAccountFileOptions &
  Pick<OpenAccountFileOptions, "onInstallation">;

async function restore(
  context: EngineContext,
  flow: AccountFlow,
  options: RestoreOptions,
): Promise<{
  restored: RestoreReport;
  members: ReadonlyMap<string, Members>;
}> {
  const { onProgress } = options;
  const { facts, passing, members } = await readHistoryOfFile(
    context,
    flow,
    options,
  );
  const supplier = facts.summary.installationId as InstallationId;
  let report: ImportReport;
  try {
    // Step 5. Each try writes another file: it is known by whose it is.
    report = await loadBackupFile(context, passing.source, options, {
      knownAs: `account-file-${supplier}`,
      suppliedBy: supplier,
    });
  } finally {
    onProgress?.({ phase: "cleaningUp" });
    await passing.dispose();
  }
  const restored: RestoreReport = {
    ...report,
    file: facts,
    waiting: await listWaiting(context, report, members),
    fileState: "unchanged",
  };
  return { restored, members };
}

/**
 * Steps 1 to 4, and of step 6 the first half: what the file's installation has is in an encrypted file, and its temporary
 * database is gone.
 */
async function readHistoryOfFile(
  context: EngineContext,
  flow: AccountFlow,
  options: RestoreOptions,
) {
  const { dormant, facts } = await openAccountFile(flow, {
    ...options,
    inboxId: context.installation.inboxId,
  });
  try {
    await learnBackupRole(context, await signRoleCertificate(flow, dormant));
    await syncDormant(dormant.history, options);
    const dormantContext = await createDormantContext(flow, dormant);
    const members = await listMembers(dormantContext);
    const passing = await writePassingHistoryFile(dormantContext, options);
    return { facts, passing, members };
  } finally {
    await dormant.dispose();
  }
}

interface Members {
  kind: "group" | "dm";
  others: string[];
}

/** The archive holds no members: the file's own installation knows them. */
async function listMembers(
  context: EngineContext,
): Promise<Map<string, Members>> {
  const { channels, installation } = context;
  const members = new Map<string, Members>();
  for (const { conversationId, kind } of (await sortConversations(context))
    .ordinary) {
    const described = await channels.describe(conversationId);
    members.set(conversationId, {
      kind,
      others: (described?.memberInboxIds ?? []).filter(
        (inboxId) => inboxId !== installation.inboxId,
      ),
    });
  }
  return members;
}

async function listWaiting(
  { history }: EngineContext,
  { conversations }: ImportReport,
  members: ReadonlyMap<string, Members>,
): Promise<WaitingConversation[]> {
  const restored = new Set(
    conversations.map(({ conversationId }) => conversationId),
  );
  return (await history.listConversations())
    .filter(
      ({ conversationId, liveness }) =>
        liveness === "inactive" && restored.has(conversationId),
    )
    .map(({ conversationId, kind }) => ({
      conversationId,
      kind,
      waitsFor: members.get(conversationId)?.others ?? [],
    }));
}

/** After the file's installation has added this one. */
async function reportLive(
  context: EngineContext,
  restored: RestoreReport,
  members: ReadonlyMap<string, Members>,
): Promise<RestoreReport> {
  await context.history.sync();
  const waiting = await listWaiting(context, restored, members);
  const stillWaiting = new Set(
    waiting.map(({ conversationId }) => conversationId),
  );
  return {
    ...restored,
    conversations: restored.conversations.map((each) => ({
      ...each,
      liveness: stillWaiting.has(each.conversationId) ? "inactive" : "live",
    })),
    waiting,
    fileState: "replaced",
  };
}
