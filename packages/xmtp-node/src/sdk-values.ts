import type {
  BackupElementSelectionOption,
  Client,
  WorkerKind,
} from "@xmtp/node-sdk";
import type { BackupElement } from "@carryover/protocol";
import type { SdkDialect } from "@carryover/xmtp-shared";

// The SDK declares its constants as ambient const enums, which a compiler that looks at one file at a time cannot read.
// Here are their values, checked against the SDK's own by a test.
export {
  applicationMessage,
  ascending,
  consentEntityTypes,
  consentStates,
  consentWord,
  customContent,
  customPolicy,
  everyConsentState,
  policies,
} from "@carryover/xmtp-shared";

/** Any client: what its codecs decode to does not matter here. */
export type XmtpClient = Client<unknown>;

export const archiveElements: Record<
  BackupElement,
  BackupElementSelectionOption
> = {
  messages: "Messages" as BackupElementSelectionOption.Messages,
  consent: "Consent" as BackupElementSelectionOption.Consent,
};

export const taskRunner = "TaskRunner" as WorkerKind.TaskRunner;

/** What is this SDK's alone. */
export const nodeDialect: SdkDialect = {
  taskRunner,
  pageSize: (size) => size,
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
  // The SDK's own retries are a minute apart, and do not tell of the gap.
  openStream: (client, consentStates) =>
    client.conversations.streamAllMessages({
      consentStates,
      retryOnFail: false,
    }),
};
