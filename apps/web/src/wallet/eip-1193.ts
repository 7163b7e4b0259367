/** A wallet's way to be asked: EIP-1193. */
export interface Eip1193Provider {
  request(call: {
    method: string;
    params?: readonly unknown[];
  }): Promise<unknown>;
}

/** What a wallet says of itself: EIP-6963. Not verified. */
export interface WalletInfo {
  readonly uuid: string;
  readonly name: string;
  /** A data URI of an image, or nothing. */
  readonly icon: string | undefined;
}

/** A wallet that announced itself. */
export interface AnnouncedWallet {
  readonly info: WalletInfo;
  readonly provider: Eip1193Provider;
}
