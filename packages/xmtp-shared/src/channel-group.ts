import { backupChannelMarker } from "@carryover/protocol";
import type { SdkGroup, SdkGroupOptions } from "./sdk-client.js";
import { customPolicy, policies } from "./sdk-values.js";

/** What a person reads who meets a backup channel in an app that knows nothing of it. */
const channelName = "Message history backup";
const channelDescription =
  "Your own apps use this conversation to ask each other for your message history. Nobody else is in it. There is nothing to do here, and its messages disappear by themselves. If you did not ask for a backup, look through the installations of your account and revoke those that you do not know.";

/**
 * How a backup channel is made: nobody may add or remove members, make admins or change what it says of itself. The
 * inbox is its super admin and could change that back from any of its installations, so the members are checked every
 * time all the same.
 */
export function channelGroupOptions(
  callId: string,
  messageLifetimeNs: bigint,
): SdkGroupOptions {
  return {
    groupName: channelName,
    groupDescription: channelDescription,
    appData: backupChannelMarker + callId,
    messageDisappearingSettings: { fromNs: 1n, inNs: messageLifetimeNs },
    permissions: customPolicy,
    customPermissionPolicySet: {
      addMemberPolicy: policies.nobody,
      removeMemberPolicy: policies.nobody,
      addAdminPolicy: policies.nobody,
      removeAdminPolicy: policies.nobody,
      updateGroupNamePolicy: policies.nobody,
      updateGroupDescriptionPolicy: policies.nobody,
      updateGroupImageUrlSquarePolicy: policies.nobody,
      updateAppDataPolicy: policies.nobody,
      updateMessageDisappearingPolicy: policies.superAdmin,
    },
  };
}

/** Tells groups from DMs by what only groups have, so that a second copy of the SDK does not matter. */
export function isGroup(conversation: object): conversation is SdkGroup {
  return "appData" in conversation;
}

/** What stands behind the marker; `undefined` for a conversation that is not marked as a backup channel. */
export function callIdOf(conversation: object): string | undefined {
  if (!isGroup(conversation)) return undefined;
  const appData = readAppData(conversation);
  return appData?.startsWith(backupChannelMarker) === true
    ? appData.slice(backupChannelMarker.length)
    : undefined;
}

/** A group whose state is not readable yet, as after a restore, is no channel. */
function readAppData(group: { appData: unknown }): string | undefined {
  try {
    return typeof group.appData === "string" ? group.appData : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Tells backup channels from the conversations that a person knows, so that an app can leave them out of its list. Anyone
 * can mark a group, so take it for a reason to hide a conversation and for nothing else.
 *
 * @param conversation - a group or DM of the official SDK
 */
export function isBackupChannel(conversation: object): boolean {
  return callIdOf(conversation) !== undefined;
}
