import {
  isTerminal,
  requesterMachine,
  type RequesterEffect,
  type RequestId,
} from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { BackupDeletion } from "../ports/storage-provider-client.js";
import { findOutbound, type FoundOutbound } from "./outbound-records.js";

/**
 * Carries out what the last transition left to do, and strikes each off once it is done. What fails for want of a
 * network stays due and is tried again by the next `sync`; it never fails the call that caused it.
 *
 * @returns the first error, for the report
 */
export async function carryOutOutboundEffects(
  context: EngineContext,
  requestId: RequestId,
): Promise<unknown> {
  let firstError: unknown;
  for (const effect of findOutbound(context.state.current(), requestId)?.record
    .pendingEffects ?? []) {
    const found = findOutbound(context.state.current(), requestId);
    if (found === undefined) return firstError;
    try {
      await carryOut(context, found, effect);
      await strikeOff(context, requestId, effect);
    } catch (error) {
      firstError ??= error;
    }
  }
  return firstError;
}

async function carryOut(
  context: EngineContext,
  { call, record }: FoundOutbound,
  effect: RequesterEffect,
) {
  switch (effect) {
    case "deleteSecrets":
      await context.state.update((draft) => {
        delete findOutbound(draft, record.requestId)?.record.secrets;
      });
      return;
    case "deleteDownloadedFile":
      await context.scratch.delete(record.downloadName);
      return;
    case "deleteStoredBackup": {
      // Past its expiry the service has dropped the file by itself.
      if (
        record.deletion !== undefined &&
        context.clock.nowNs() < call.expiresAtNs + storageRetentionNs
      )
        await deleteIfThere(context, record.deletion);
      await context.state.update((draft) => {
        delete findOutbound(draft, record.requestId)?.record.deletion;
      });
      return;
    }
    case "deleteChannelMessages": {
      const othersNeedIt = call.requests.some(
        ({ state }) => !isTerminal(requesterMachine, state),
      );
      if (
        othersNeedIt ||
        call.channelId === undefined ||
        call.channelMessages === "deleted"
      )
        return;
      await context.channels.deleteMessages(call.channelId);
      await context.channels.hide(call.channelId);
      await context.state.update((draft) => {
        const stored = findOutbound(draft, record.requestId);
        if (stored !== undefined) stored.call.channelMessages = "deleted";
      });
      return;
    }
  }
}

/** A service that was reached and does not do it will not do it later either: the file goes with its time. */
async function deleteIfThere(
  { storageProvider }: EngineContext,
  deletion: BackupDeletion,
): Promise<void> {
  try {
    await storageProvider.deleteBackup(deletion);
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.retryable) throw error;
  }
}

const storageRetentionNs = 72n * 60n * 60n * 1_000_000_000n;

async function strikeOff(
  context: EngineContext,
  requestId: RequestId,
  effect: RequesterEffect,
): Promise<void> {
  await context.state.update((draft) => {
    const record = findOutbound(draft, requestId)?.record;
    if (record !== undefined)
      record.pendingEffects = record.pendingEffects.filter(
        (candidate) => candidate !== effect,
      );
  });
}
