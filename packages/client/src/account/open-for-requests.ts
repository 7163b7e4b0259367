import { createCallGate } from "../call-gate.js";
import type { EnginePorts } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { Policy } from "../policy.js";
import type { OpenDormantInstallation } from "../ports/dormant-installations.js";
import type { StorageProviderClient } from "../ports/storage-provider-client.js";
import type { Carryover, InboundRequest } from "../api.js";
import type { AccountFlow } from "./account-flow.js";
import { noteAnswered, withoutAnswered } from "./answered-requests.js";
import type {
  BackupAccountFileSession,
  OpenForRequestsOptions,
} from "./api.js";
import { createPassingStateStore } from "./dormant-context.js";
import { openAccountFile } from "./open-file.js";
import {
  bringInStep,
  type InStep,
  openToReplace,
  type ReplaceableFile,
} from "./refresh-file.js";
import { replaceFile } from "./replace-account-file.js";
import { orSaved } from "./save-on-failure.js";
import { noteRefresh } from "./refresh-journal.js";
import { type InstallationLock, prepareLock } from "./refresh-lock.js";
import { maxWrongPinTries } from "../provider/inbound-records.js";
import { syncDormant } from "./sync-dormant.js";
import {
  assertTriesLeft,
  noteWrongPin,
  withTriesLeft,
} from "./wrong-pin-tries.js";

/** What a session needs beside the flow. */
export interface SessionParts {
  /** Of the file's installation, which proves to the service who it is. */
  createStorageProvider: (
    dormant: OpenDormantInstallation,
  ) => StorageProviderClient;
  /** Makes the engine: the provider's side of it answers. */
  createEngine: (
    ports: EnginePorts,
    policy: Partial<Policy>,
  ) => Promise<Carryover>;
}

/**
 * XIP-31, "Converting a Backup Account File to a Remote Message Backup": the file's installation is opened, and answers
 * requests as any other does.
 */
export async function openForRequests(
  flow: AccountFlow,
  parts: SessionParts,
  options: OpenForRequestsOptions,
): Promise<BackupAccountFileSession> {
  const { conversations = "leaveReadOnly" } = options;
  const lock = await prepareLock(flow, options.file);
  try {
    const session =
      conversations === "leaveReadOnly"
        ? await openToLeave(flow, parts, lock, options)
        : await openToMakeLive(
            flow,
            parts,
            await openToReplace(flow, lock, options),
            options,
          );
    return { ...session, close: () => session.close().finally(lock.release) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openToLeave(
  flow: AccountFlow,
  parts: SessionParts,
  lock: InstallationLock,
  options: OpenForRequestsOptions,
): Promise<BackupAccountFileSession> {
  const { dormant, facts } = await openAccountFile(flow, {
    ...options,
    reach: "backupChannels",
    onInstallation: lock.take,
  });
  return await startSession(flow, parts, dormant, {
    facts,
    onApprove: "leaveConversations",
    prepare: async (start) => {
      await syncDormant(dormant.history, options);
      return await start();
    },
    finish: async () => "unchanged",
  });
}

async function openToMakeLive(
  flow: AccountFlow,
  parts: SessionParts,
  opened: ReplaceableFile,
  options: OpenForRequestsOptions,
): Promise<BackupAccountFileSession> {
  let step: InStep | undefined;
  const { dormant, facts, header, protection } = opened;
  const { file } = options;
  const refreshed = await reopen(flow, dormant, header);
  return await startSession(flow, parts, refreshed, {
    facts,
    onApprove: "makeConversationsLive",
    prepare: async (start) =>
      await orSaved(
        flow,
        refreshed,
        { ...opened, file, reach: "everything" },
        async () => {
          step = await bringInStep(flow, refreshed, opened, options);
          return await start();
        },
      ),
    finish: async () => {
      if (step === undefined) return "unchanged";
      const { inStepAtNs } = step;
      await replaceFile(flow, refreshed, {
        file,
        header,
        protection,
        inStepAtNs,
      });
      return "replaced";
    },
  });
}

async function reopen(
  flow: AccountFlow,
  dormant: OpenDormantInstallation,
  header: ReplaceableFile["header"],
): Promise<OpenDormantInstallation> {
  try {
    await noteRefresh(flow, header);
    return await dormant.reopen("everything");
  } catch (error) {
    await dormant.dispose();
    throw error;
  }
}

async function startSession(
  flow: AccountFlow,
  { createEngine, createStorageProvider }: SessionParts,
  dormant: OpenDormantInstallation,
  work: {
    facts: BackupAccountFileSession["file"];
    onApprove: Policy["onApprove"];
    /** Fetches what is new, and starts the engine then. */
    prepare: (start: () => Promise<Carryover>) => Promise<Carryover>;
    finish: () => Promise<"unchanged" | "replaced">;
  },
): Promise<BackupAccountFileSession> {
  const { backupFile, clock, policy, randomBytes, scratch } = flow;
  const { installation, channels, history } = dormant;
  try {
    const engine = await work.prepare(() =>
      createEngine(
        {
          installation,
          channels,
          history,
          stateStore: createPassingStateStore(),
          scratch,
          storageProvider: createStorageProvider(dormant),
          clock,
          randomBytes,
          backupFile,
        },
        // XIP-31: of a backup's messages all but a response are disregarded, and who disregards one warns of a stolen file.
        { ...policy, onApprove: work.onApprove, onDecline: "staySilent" },
      ),
    );
    return createSession(flow, engine, dormant, work);
  } catch (error) {
    await dormant.dispose();
    throw error;
  }
}

function createSession(
  flow: AccountFlow,
  engine: Carryover,
  dormant: OpenDormantInstallation,
  {
    facts,
    finish,
  }: {
    facts: BackupAccountFileSession["file"];
    finish: () => Promise<"unchanged" | "replaced">;
  },
): BackupAccountFileSession {
  const gate = createCallGate();
  const { installationId } = dormant.installation;
  let listed: readonly InboundRequest[] = [];
  const begun = new Set<string>();
  let closing: Promise<{ fileState: "unchanged" | "replaced" }> | undefined;
  const close = async () => {
    await gate.close();
    try {
      // What the file's installation has done to conversations is kept, whatever becomes of the engine.
      let fileState: "unchanged" | "replaced";
      try {
        await engine.close();
      } finally {
        fileState = await finish();
      }
      return { fileState };
    } finally {
      await dormant.dispose();
    }
  };
  return {
    file: facts,
    listInboundBackupRequests: () =>
      gate.run({}, async (bound) => {
        const { inboundRequests } = await engine.sync(bound);
        // A yes that could not be carried out at once is kept, and may just have been.
        for (const request of listed)
          if (
            begun.has(request.requestId) &&
            !inboundRequests.some(
              (each) => each.requestId === request.requestId,
            )
          )
            await noteAnswered(flow, installationId, request);
        listed = await withTriesLeft(
          flow,
          installationId,
          await withoutAnswered(flow, installationId, inboundRequests),
        );
        return [...listed];
      }),
    respondToBackupRequest: (requestId, decision, options = {}) =>
      gate.run(options, async (bound) => {
        const request = listed.find((each) => each.requestId === requestId);
        if (decision === "approve")
          await assertTriesLeft(flow, installationId, requestId);
        begun.add(requestId);
        const report = await engine
          .respondToBackupRequest(requestId, decision, bound)
          .catch(async (error: unknown) => {
            throw request === undefined
              ? error
              : await countWrongPin(flow, installationId, request, error);
          });
        if (request !== undefined)
          await noteAnswered(flow, installationId, request);
        return report;
      }),
    close: () => (closing ??= close()),
  };
}

/**
 * Wrong PINs of all openings of the file close a request, as those of one do.
 *
 * @returns what to throw
 */
async function countWrongPin(
  flow: AccountFlow,
  installationId: string,
  request: InboundRequest,
  error: unknown,
): Promise<unknown> {
  if (
    !(error instanceof CarryoverError) ||
    (error.code !== "pinWrong" && error.code !== "pinTriesUsedUp")
  )
    return error;
  const tries = await noteWrongPin(flow, installationId, request);
  if (error.code === "pinWrong" && tries < maxWrongPinTries) return error;
  await noteAnswered(flow, installationId, request);
  return new CarryoverError("pinTriesUsedUp", "wrong PIN, for the third time", {
    cause: error,
  });
}
