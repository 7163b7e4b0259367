import * as sdk from "@xmtp/browser-sdk";
import {
  applicationMessage,
  ascending,
  consentEntityTypes,
  consentStates,
  customContent,
  customPolicy,
  everyConsentState,
  policies,
} from "@carryover/xmtp-shared";
import { describe, expect, it } from "vitest";
import { archiveElements, taskRunner } from "./sdk-values.js";

describe("values of the SDK", () => {
  it("are what the SDK says", () => {
    expect(consentStates).toEqual({
      unknown: sdk.ConsentState.Unknown,
      allowed: sdk.ConsentState.Allowed,
      denied: sdk.ConsentState.Denied,
    });
    expect(consentEntityTypes).toEqual({
      conversation: sdk.ConsentEntityType.GroupId,
      inbox: sdk.ConsentEntityType.InboxId,
    });
    expect(archiveElements).toEqual({
      messages: sdk.BackupElementSelectionOption.Messages,
      consent: sdk.BackupElementSelectionOption.Consent,
    });
    expect(policies).toEqual({
      nobody: sdk.PermissionPolicy.Deny,
      superAdmin: sdk.PermissionPolicy.SuperAdmin,
    });
    expect(customContent).toBe(sdk.ContentType.Custom);
    expect(applicationMessage).toBe(sdk.GroupMessageKind.Application);
    expect(ascending).toBe(sdk.SortDirection.Ascending);
    expect(customPolicy).toBe(sdk.GroupPermissionsOptions.CustomPolicy);
    expect(taskRunner).toBe(sdk.WorkerKind.TaskRunner);
  });

  it("name every consent state that the SDK has", () => {
    expect(everyConsentState).toEqual(
      Object.values(sdk.ConsentState).filter(
        (value) => typeof value === "number",
      ),
    );
  });
});
