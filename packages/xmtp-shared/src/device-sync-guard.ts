import { CarryoverError } from "@carryover/client";
import { isBackupMessageContentType } from "@carryover/protocol";
import type { SdkClient } from "./sdk-client.js";

/**
 * Refuses a client whose own device sync could answer. It gives the whole history to every installation that asks, at any
 * address that it names, and asks nobody: on such a client no approval means anything.
 *
 * Either device sync is off, or the worker that answers is. What a client's options do not say counts as on.
 *
 * @param taskRunner - what the SDK calls the worker that answers
 * @throws {CarryoverError} `deviceSyncAnswers`
 */
export function assertDeviceSyncIsSilent(
  client: Pick<SdkClient, "options">,
  taskRunner: unknown,
): void {
  const { disableDeviceSync, workerConfig } = client.options ?? {};
  if (disableDeviceSync === true) return;
  if (workerConfig?.disabledWorkers?.includes(taskRunner) === true) return;
  throw new CarryoverError(
    "deviceSyncAnswers",
    "this client's own device sync answers history requests without a person's yes: create it with disableDeviceSync: true",
  );
}

/**
 * Refuses a client that cannot read backup messages.
 *
 * @throws {CarryoverError} `codecMissing`
 */
export function assertCodecIsRegistered(
  client: Pick<SdkClient, "options">,
): void {
  const codecs = client.options?.codecs ?? [];
  if (
    !codecs.some(({ contentType }) => isBackupMessageContentType(contentType))
  )
    throw new CarryoverError(
      "codecMissing",
      "this client does not know the content type of backup messages: create it with carryoverClientOptions()",
    );
}
