import { type AccountSigner, CarryoverError } from "@carryover/client";

/** A signer whose refusal is told from what else can fail. */
export interface WatchedSigner {
  readonly signer: AccountSigner;
  /**
   * @throws {CarryoverError} `walletRefused` when the wallet did not sign; else what the work throws
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** The library passes a wallet's own error on among others, in whatever words it likes. */
export function watchSigner(signer: AccountSigner): WatchedSigner {
  let refusal: { cause: unknown } | undefined;
  return {
    signer: {
      ...signer,
      getIdentifier: () => signer.getIdentifier(),
      signMessage: async (message) => {
        try {
          return await signer.signMessage(message);
        } catch (cause) {
          refusal = { cause };
          throw cause;
        }
      },
    },
    run: async (work) => {
      try {
        return await work();
      } catch (error) {
        if (refusal === undefined) throw error;
        throw new CarryoverError(
          "walletRefused",
          "the wallet did not sign",
          refusal,
        );
      }
    },
  };
}
