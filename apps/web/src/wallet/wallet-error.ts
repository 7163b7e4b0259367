/** What can go wrong with a wallet before Carryover is asked anything. */
export type WalletErrorCode = "notConfirmed" | "noAccount" | "walletFailed";

const advice: Record<WalletErrorCode, string> = {
  notConfirmed: "Nothing was changed. Try again, and confirm in the wallet.",
  noAccount:
    "Nothing was changed. Unlock it, choose an account for this page, and try again.",
  walletFailed: "Nothing was changed. Look at the wallet, then try again.",
};

/** Thrown by what speaks to wallets. Holds nothing of what a wallet said. */
export class WalletError extends Error {
  override readonly name = "WalletError";
  readonly code: WalletErrorCode;
  readonly retryable = true;
  /** One line for a person. */
  readonly advice: string;

  constructor(code: WalletErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.advice = advice[code];
  }
}
