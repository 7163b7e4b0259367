import type { CarryoverErrorCode, CarryoverEvent } from "@carryover/client";
import { CarryoverError } from "@carryover/client";
import type { TestClient } from "@carryover/testkit";
import { isBackupChannel } from "@carryover/xmtp-node";
import type { Stage } from "./stage.js";

/** Reasons of all messages that were ignored, in order. */
export function ignoredReasons(events: readonly CarryoverEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === "messageIgnored" ? [event.reason] : [],
  );
}

/** Waits for a call to fail. @throws when it succeeds, or fails with anything but a `CarryoverError` */
export async function refusalOf(
  work: Promise<unknown>,
): Promise<CarryoverError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CarryoverError) return error;
  throw new Error("expected a CarryoverError", { cause: error });
}

/** The code of {@link refusalOf}. */
export async function codeOf(
  work: Promise<unknown>,
): Promise<CarryoverErrorCode> {
  return (await refusalOf(work)).code;
}

/** Everything that can be read of an installation's history, but for the backup channels. */
export async function historyOf(client: TestClient): Promise<unknown> {
  const conversations = await client.conversations.list({
    consentStates: [0, 1, 2],
    includeDuplicateDms: true,
  });
  const views = [];
  for (const conversation of conversations) {
    if (isBackupChannel(conversation)) continue;
    const messages = await conversation.messages();
    views.push({
      id: conversation.id,
      consent: conversation.consentState(),
      messages: messages.map(({ id, content, senderInboxId }) => ({
        id,
        senderInboxId,
        text: typeof content === "string" ? content : typeof content,
      })),
    });
  }
  return views.sort((a, b) => a.id.localeCompare(b.id));
}

/**
 * What storage services and network have on record so far, to compare with later: uploads to either service, downloads
 * from either, and what was sent into a channel.
 */
export function takeRecord(stage: Stage): {
  uploads: number;
  downloads: number;
  hostileConnections: number;
} {
  const honest = stage.storage.provider.requests;
  const { requests } = stage.hostile;
  return {
    /** Requests to an upload URL; obtaining the URL is none. */
    uploads:
      honest.filter(
        ({ method, route }) => method === "POST" && route === "/backups",
      ).length +
      requests.filter(
        ({ method, path }) => method === "POST" && path.startsWith("/backups"),
      ).length,
    downloads: [...honest, ...requests].filter(({ method }) => method === "GET")
      .length,
    hostileConnections: stage.hostile.connections(),
  };
}

/** Messages that the network has taken for a group. */
export function sentTo(stage: Stage, groupId: string): number {
  return stage.network.network.calls.count({
    method: "SendGroupMessages",
    groupId,
    outcome: "ok",
  });
}
