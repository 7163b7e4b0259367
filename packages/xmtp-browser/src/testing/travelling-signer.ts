import type { Person } from "@carryover/testkit";
import type { TestSigner } from "./test-client.js";

/** A person's wallet, for a page to use. */
export const travelling = (signer: Person["signer"]): TestSigner => ({
  type: "EOA",
  getIdentifier: async () => await signer.getIdentifier(),
  signMessage: async (message) => await signer.signMessage(message),
});
