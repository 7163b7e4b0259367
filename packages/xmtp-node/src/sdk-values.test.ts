import * as sdk from "@xmtp/node-sdk";
import { describe, expect, it } from "vitest";
import {
  applicationMessage,
  archiveElements,
  ascending,
  consentEntityTypes,
  consentStates,
  consentWord,
  customContent,
  customPolicy,
  everyConsentState,
  policies,
  taskRunner,
} from "./sdk-values.js";

/** The SDK's constants as they are when it runs. */
const constants = sdk as unknown as Record<string, Record<string, unknown>>;

describe("values of the SDK", () => {
  it.each([
    ["ConsentState", "Unknown", consentStates.unknown],
    ["ConsentState", "Allowed", consentStates.allowed],
    ["ConsentState", "Denied", consentStates.denied],
    ["ConsentEntityType", "GroupId", consentEntityTypes.conversation],
    ["ConsentEntityType", "InboxId", consentEntityTypes.inbox],
    ["BackupElementSelectionOption", "Messages", archiveElements.messages],
    ["BackupElementSelectionOption", "Consent", archiveElements.consent],
    ["ContentType", "Custom", customContent],
    ["GroupMessageKind", "Application", applicationMessage],
    ["SortDirection", "Ascending", ascending],
    ["GroupPermissionsOptions", "CustomPolicy", customPolicy],
    ["PermissionPolicy", "Deny", policies.nobody],
    ["PermissionPolicy", "SuperAdmin", policies.superAdmin],
    ["WorkerKind", "TaskRunner", taskRunner],
  ])("%s.%s is what the SDK says", (name, member, value) => {
    expect(constants[name]?.[member]).toBe(value);
  });

  it("names every consent state that the SDK has", () => {
    expect(
      Object.getOwnPropertyNames(constants["ConsentState"])
        .filter((member) => !/^\d+$/.test(member))
        .sort(),
    ).toEqual(["Allowed", "Denied", "Unknown"]);
    expect(everyConsentState.map(consentWord)).toEqual([
      "unknown",
      "allowed",
      "denied",
    ]);
  });
});
