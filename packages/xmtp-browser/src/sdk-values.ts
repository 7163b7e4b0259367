import type { Client } from "@xmtp/browser-sdk";
import type { BackupElement } from "@carryover/protocol";
import type { SdkDialect } from "@carryover/xmtp-shared";
import { openStream } from "./open-stream.js";

/** Any client: what its codecs decode to does not matter here. */
export type XmtpClient = Client<unknown>;

/** `BackupElementSelectionOption` */
export const archiveElements: Record<BackupElement, number> = {
  messages: 0,
  consent: 1,
};

/** `WorkerKind.TaskRunner` */
export const taskRunner = 4;

/** What is this SDK's alone. */
export const browserDialect: SdkDialect = {
  taskRunner,
  pageSize: (size) => BigInt(size),
  // The library answers from a worker: others have had their turn.
  nextTurn: async () => undefined,
  openStream,
};
