import { wholeHistory } from "@carryover/protocol";
import type {
  Carryover,
  CarryoverEvent,
  ImportReport,
  SyncReport,
} from "./api.js";
import { createAccountFiles } from "./account/account-files.js";
import { createImportGuard } from "./import-guard.js";
import { createCallGate } from "./call-gate.js";
import { findPrivateChannel } from "./channel/private-channel.js";
import { disposeAfter } from "./dispose-after.js";
import type { EngineContext, EnginePorts } from "./engine-context.js";
import { CarryoverError } from "./errors.js";
import { expireRequests } from "./expire-requests.js";
import { loadBackupFile } from "./history/load-backup-file.js";
import { openHistoryFile } from "./history/write-history-file.js";
import {
  createIncomingMessages,
  type IncomingMessages,
  type Taken,
} from "./incoming-messages.js";
import { keepListening } from "./keep-listening.js";
import { parsePolicy, type Policy } from "./policy.js";
import type { LongCallOptions } from "./progress.js";
import { waitForResponse } from "./requester/wait-for-response.js";
import { createAnswersUnderWay } from "./provider/answers-under-way.js";
import { viewInbound } from "./provider/inbound-records.js";
import { respondToRequest } from "./provider/respond-to-request.js";
import { applyBackup } from "./requester/apply-backup.js";
import { carryOutOutboundEffects } from "./requester/carry-out-effects.js";
import {
  moveOutbound,
  requireOutbound,
  viewOutbound,
} from "./requester/outbound-records.js";
import { requestBackup } from "./requester/request-backup.js";
import { resumeWork } from "./resume-work.js";
import { createSingleFlight } from "./single-flight.js";
import { openStateRepository } from "./state/state-repository.js";
import { untilAborted } from "./until-aborted.js";

/**
 * Makes the engine ready: reads its records and sweeps what a crash left. Nothing is sent or received before an app calls
 * a method.
 *
 * @throws {CarryoverError} `invalidOption`, `stateUnreadable`, `stateLocked`, `diskError`
 */
export async function createEngine(
  ports: EnginePorts,
  options: Partial<Policy> = {},
): Promise<Carryover> {
  const policy = parsePolicy(options);
  const { stateStore, ...shared } = ports;
  const listeners = new Set<(event: CarryoverEvent) => void>();
  const context: EngineContext = {
    ...shared,
    policy,
    state: await openStateRepository(stateStore),
    emit: (event) => {
      // Each on its own: what a listener throws is its app's unhandled rejection and stops nothing here.
      for (const listener of listeners)
        void Promise.resolve(event).then(listener);
    },
  };
  await context.scratch.sweep(downloadsInProgress(context));
  return createApi(context, listeners);
}

function downloadsInProgress({ state }: EngineContext): string[] {
  return state
    .current()
    .calls.flatMap(({ requests }) => requests)
    .filter(({ secrets }) => secrets?.response !== undefined)
    .map(({ downloadName }) => downloadName);
}

function createApi(
  context: EngineContext,
  listeners: Set<(event: CarryoverEvent) => void>,
): Carryover {
  const { channels, installation, state } = context;
  const gate = createCallGate();
  const incoming = createIncomingMessages(context);
  const guardImport = createImportGuard();
  const { finish, stop } = createAnswersUnderWay(context);
  const applying = createSingleFlight<ImportReport>();
  const resuming = createSingleFlight<SyncReport["problems"]>();
  let listening: Promise<void> | undefined;

  const apply = (requestId: string, options: LongCallOptions) =>
    applying(requestId, () =>
      guardImport(() => applyBackup(context, requestId, options)),
    );
  /** Reads what is new. Short: it fetches and checks, and does none of the long work. */
  const catchUp = async () => {
    // The library waits long for a network that went silent: closing need not.
    await untilAborted(channels.sync(), gate.signal);
    const outcome = await scan(context, incoming);
    await expireRequests(context);
    return outcome;
  };
  const catchUpWhole = async () => {
    if ((await catchUp()) === "postponed")
      throw new CarryoverError(
        "networkUnavailable",
        "a message that arrived could not be checked",
      );
  };
  const resume = (options: LongCallOptions) =>
    resuming("resume", () => resumeWork(context, { finish, apply }, options));

  const start = () => {
    const { signal } = gate;
    listening ??= keepListening(context, {
      incoming,
      catchUp,
      resume: () => resume({ signal }),
      signal,
    }).finally(() => {
      // What stopped it may be over: who asks again tries again.
      listening = undefined;
    });
  };
  const subscribe: Carryover["subscribe"] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  return {
    ...createAccountFiles(context, gate, guardImport),
    inboxId: installation.inboxId,
    installationId: installation.installationId,
    requestRemoteMessageHistoryBackup: (options) =>
      gate.run(options, (bound) => requestBackup(context, bound)),
    getRemoteMessageHistoryBackupRequestStatus: (requestId) =>
      gate.run({}, async () =>
        viewOutbound(requireOutbound(state.current(), requestId)),
      ),
    waitForRemoteMessageHistoryBackup: (requestIds, options = {}) =>
      gate.run(options, ({ signal }) =>
        waitForResponse(context, requestIds, signal, { subscribe, start }),
      ),
    listOutboundBackupRequests: () =>
      gate.run({}, async () => listOutbound(context)),
    applyRemoteMessageHistoryBackup: (requestId, options = {}) =>
      gate.run(options, (bound) => apply(requestId, bound)),
    cancelRemoteMessageHistoryBackup: (requestId) =>
      gate.run({}, () => cancel(context, requestId)),
    loadMessageBackupFile: (file, options = {}) =>
      gate.run(options, (bound) =>
        guardImport(() => loadBackupFile(context, file, bound)),
      ),
    writeMessageBackupFile: (options) =>
      gate.run(
        options,
        async ({ recipient, scope = wholeHistory, ...bound }) => {
          const { file, finished, dispose } = await openHistoryFile(context, {
            recipient,
            scope,
            phase: "archiving",
            ...bound,
          });
          return { file: disposeAfter(file, dispose), result: finished };
        },
      ),
    listInboundBackupRequests: () =>
      gate.run({}, async () => overview(context).inboundRequests),
    respondToBackupRequest: (requestId, decision, options = {}) =>
      gate.run(options, (bound) =>
        respondToRequest(context, requestId, decision, bound, {
          catchUp: catchUpWhole,
          finish,
          stop,
        }),
      ),
    sync: (options = {}) =>
      gate.run(options, async (bound) => {
        await catchUp();
        const problems = await resume(bound);
        return { ...overview(context), problems };
      }),
    start: () => gate.run({}, async () => start()),
    subscribe,
    close: async () => {
      await gate.close();
      await listening;
      await state.close();
    },
  };
}

/**
 * Reads every message of every channel: streams do not tell of what was missed. Anybody can mark a group as a channel and
 * fill it, so the messages of one that is not private are not even fetched from the database.
 */
async function scan(
  context: EngineContext,
  incoming: IncomingMessages,
): Promise<Taken> {
  let outcome: Taken = "dealtWith";
  for (const { channelId } of await context.channels.list()) {
    if ((await findPrivateChannel(context, channelId)) === undefined) continue;
    for (const message of await context.channels.messages(channelId))
      if ((await incoming.take(message)) === "postponed") outcome = "postponed";
  }
  return outcome;
}

function listOutbound({ state }: EngineContext) {
  return state
    .current()
    .calls.flatMap((call) =>
      call.requests.map((record) => viewOutbound({ call, record })),
    );
}

function overview(context: EngineContext): Omit<SyncReport, "problems"> {
  const waiting = context.state
    .current()
    .inbound.filter(({ state: word }) => openStates.includes(word));
  return {
    inboundRequests: waiting.map((record) => viewInbound(context, record)),
    ready: listOutbound(context).filter(
      ({ step }) => step === "responseReceived",
    ),
  };
}

const openStates: readonly string[] = [
  "awaitingConsent",
  "approved",
  "uploading",
  "uploaded",
];

async function cancel(
  context: EngineContext,
  requestId: string,
): Promise<void> {
  const { record } = requireOutbound(context.state.current(), requestId);
  if (
    !(await moveOutbound(context, record.requestId, "cancelled", {
      failure: "cancelled",
    }))
  )
    throw new CarryoverError(
      "wrongState",
      "the request cannot be taken back any more",
    );
  await carryOutOutboundEffects(context, record.requestId);
}
