import {
  CarryoverError,
  type Clock,
  type DormantInstallations,
  type RandomBytes,
} from "@carryover/client";
import { assertNetworkIsKnown, type XmtpNetwork } from "./network-options.js";

/** What dormant installations need. */
export interface DormantInstallationsOptions {
  network: XmtpNetwork;
  clock: Clock;
  randomBytes: RandomBytes;
}

const notYet = async (): Promise<never> => {
  throw new CarryoverError("wrongState", "not available here");
};

/** Dormant installations over the official client. Their databases are in memory alone. */
export function createDormantInstallations({
  network,
}: DormantInstallationsOptions): DormantInstallations {
  assertNetworkIsKnown(network);
  return {
    environment: network.env,
    libraryVersion: "",
    fetchAccount: notYet,
    findInbox: notYet,
    make: notYet,
    open: notYet,
    openThrowAway: notYet,
    revoke: notYet,
  };
}
