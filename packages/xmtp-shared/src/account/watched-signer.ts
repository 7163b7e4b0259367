import { type AccountSigner, CarryoverError } from "@carryover/client";

/** A signer whose refusal is told from what else can fail. */
export interface WatchedSigner {
  readonly signer: AccountSigner;
  /** Whether the wallet was asked and has not answered. */
  readonly isAsked: () => boolean;
  /**
   * @throws {CarryoverError} `walletRefused` when the wallet did not sign, `walletOfAnotherAccount` when it signed with
   * another account than it had named; else what the work throws
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** The library passes a wallet's own error on among others, in whatever words it likes. */
export function watchSigner(signer: AccountSigner): WatchedSigner {
  let refusal: { cause: unknown } | undefined;
  let unanswered = 0;
  return {
    signer: {
      ...signer,
      getIdentifier: () => signer.getIdentifier(),
      signMessage: async (message) => {
        unanswered += 1;
        try {
          return await signer.signMessage(message);
        } catch (cause) {
          refusal = { cause };
          throw cause;
        } finally {
          unanswered -= 1;
        }
      },
    },
    isAsked: () => unanswered > 0,
    run: async (work) => {
      try {
        return await work();
      } catch (error) {
        if (refusal === undefined) {
          if (isForeignSignature(error))
            throw new CarryoverError(
              "walletOfAnotherAccount",
              "the wallet signed with another account than the one it had named",
              { cause: error },
            );
          throw error;
        }
        throw new CarryoverError(
          "walletRefused",
          "the wallet did not sign",
          refusal,
        );
      }
    },
  };
}

/** How the library says that a signature is of nobody whom it expects. */
const foreignSignature = "SignatureRequestError::UnknownSigner";

const isForeignSignature = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message.includes(foreignSignature) || isForeignSignature(error.cause));
