import type { AccountSigner, SecretChoice } from "@carryover/xmtp-browser";
import type { LongWork } from "./long-work.js";

/** A wallet that is waited for until the work is stopped: a person may leave its window open for ever. */
export const stoppableSigner = (
  signer: AccountSigner,
  work: Pick<LongWork, "untilStopped">,
): AccountSigner => ({
  ...signer,
  signMessage: async (message) =>
    await work.untilStopped(Promise.resolve(signer.signMessage(message))),
});

/** The same for a secret, where a wallet gives it. */
export const stoppableSecret = (
  secret: SecretChoice,
  work: Pick<LongWork, "untilStopped">,
): SecretChoice =>
  secret.kind === "wallet"
    ? { ...secret, signer: stoppableSigner(secret.signer, work) }
    : secret;
