import type {
  BackupElementSelectionOption,
  Client,
  ConsentEntityType,
  ConsentState as SdkConsentState,
  ContentType,
  GroupMessageKind,
  GroupPermissionsOptions,
  PermissionPolicy,
  SortDirection,
  WorkerKind,
} from "@xmtp/node-sdk";
import type { ConsentEntity, ConsentState } from "@carryover/client";
import type { BackupElement } from "@carryover/protocol";

// The SDK declares its constants as ambient const enums, which a compiler that looks at one file at a time cannot read.
// Here are their values, checked against the SDK's own by a test.

/** Any client: what its codecs decode to does not matter here. */
export type XmtpClient = Client<unknown>;

export const consentStates: Record<ConsentState, SdkConsentState> = {
  unknown: 0 satisfies SdkConsentState.Unknown,
  allowed: 1 satisfies SdkConsentState.Allowed,
  denied: 2 satisfies SdkConsentState.Denied,
};

/** Every list and sync names them all: the SDK leaves out denied conversations otherwise. */
export const everyConsentState: SdkConsentState[] =
  Object.values(consentStates);

export const consentEntityTypes: Record<
  ConsentEntity["entityType"],
  ConsentEntityType
> = {
  conversation: 0 satisfies ConsentEntityType.GroupId,
  inbox: 1 satisfies ConsentEntityType.InboxId,
};

export const archiveElements: Record<
  BackupElement,
  BackupElementSelectionOption
> = {
  messages: "Messages" as BackupElementSelectionOption.Messages,
  consent: "Consent" as BackupElementSelectionOption.Consent,
};

export const customContent: ContentType = 2 satisfies ContentType.Custom;
export const applicationMessage: GroupMessageKind =
  0 satisfies GroupMessageKind.Application;
export const ascending: SortDirection = 0 satisfies SortDirection.Ascending;
export const customPolicy: GroupPermissionsOptions =
  2 satisfies GroupPermissionsOptions.CustomPolicy;
export const policies: Record<"nobody" | "superAdmin", PermissionPolicy> = {
  nobody: 1 satisfies PermissionPolicy.Deny,
  superAdmin: 3 satisfies PermissionPolicy.SuperAdmin,
};
export const taskRunner = "TaskRunner" as WorkerKind.TaskRunner;

/** The engine's word for the SDK's number. */
export function consentWord(state: SdkConsentState): ConsentState {
  if (state === consentStates.allowed) return "allowed";
  if (state === consentStates.denied) return "denied";
  return "unknown";
}
