import type { AccountFileHeaderInput } from "@carryover/account-file";
import type { OpenDormantInstallation } from "../ports/dormant-installations.js";
import { producer } from "../history/producer.js";
import type { AccountFlow } from "./account-flow.js";

type FromNow = Pick<
  AccountFileHeaderInput,
  | "producer"
  | "environment"
  | "inboxId"
  | "installationId"
  | "refreshedAtNs"
  | "messagesKeptUntilNs"
>;

/**
 * What a file's header says of its installation as it is now.
 *
 * @param inStepAtNs - before the last fetching of messages began: what was sent later may be missing
 */
export function headerFromNow(
  { policy }: AccountFlow,
  { installation }: OpenDormantInstallation,
  inStepAtNs: bigint,
): FromNow {
  return {
    producer: { ...producer, libxmtpVersion: installation.libraryVersion },
    environment: installation.environment,
    inboxId: installation.inboxId,
    installationId: installation.installationId,
    refreshedAtNs: inStepAtNs,
    messagesKeptUntilNs:
      inStepAtNs + BigInt(policy.networkKeepsMessagesMs) * 1_000_000n,
  };
}
