import type { AccountSigner } from "@carryover/client";
import { bytesOfHex, hexOfText } from "./hex.js";
import type { Eip1193Provider } from "./eip-1193.js";
import { WalletError } from "./wallet-error.js";

/** A wallet's account that this page may use. */
export interface ConnectedWallet {
  /** `0x` and 40 hex digits, in lower case. */
  readonly address: string;
  readonly signer: AccountSigner;
}

const ethereum = 0;
const userRejected = 4001;

/**
 * Asks a wallet for an account. The person chooses in the wallet.
 *
 * @throws {WalletError}
 */
export async function connectWallet(
  provider: Eip1193Provider,
): Promise<ConnectedWallet> {
  const accounts = await ask(provider, "eth_requestAccounts", []);
  const address: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
  if (typeof address !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(address))
    throw new WalletError("noAccount", "the wallet gave no account");
  const lowerCase = address.toLowerCase();
  const common = {
    getIdentifier: () => ({ identifier: lowerCase, identifierKind: ethereum }),
    signMessage: (message: string) => sign(provider, lowerCase, message),
  };
  return {
    address: lowerCase,
    signer: (await isContract(provider, lowerCase))
      ? {
          ...common,
          type: "SCW",
          getChainId: constant(await chainIdOf(provider)),
        }
      : { ...common, type: "EOA" },
  };
}

const constant = (value: bigint) => () => value;

async function sign(
  provider: Eip1193Provider,
  address: string,
  message: string,
): Promise<Uint8Array> {
  const signature = await ask(provider, "personal_sign", [
    hexOfText(message),
    address,
  ]);
  const bytes =
    typeof signature === "string" ? bytesOfHex(signature) : undefined;
  if (bytes === undefined)
    throw new WalletError("walletFailed", "the wallet gave no signature");
  return bytes;
}

/** EIP-7702: an ordinary account that has named a contract still signs with its own key. */
const delegation = "0xef0100";

/** A wallet that cannot say is taken for an ordinary one: a wrong signature is found at once. */
async function isContract(
  provider: Eip1193Provider,
  address: string,
): Promise<boolean> {
  try {
    const code = await provider.request({
      method: "eth_getCode",
      params: [address, "latest"],
    });
    return (
      typeof code === "string" &&
      code.length > 2 &&
      !code.toLowerCase().startsWith(delegation)
    );
  } catch {
    return false;
  }
}

async function chainIdOf(provider: Eip1193Provider): Promise<bigint> {
  const id = await ask(provider, "eth_chainId", []);
  if (typeof id !== "string" || !/^0x[0-9a-fA-F]+$/.test(id))
    throw new WalletError("walletFailed", "the wallet named no chain");
  return BigInt(id);
}

async function ask(
  provider: Eip1193Provider,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  try {
    return await provider.request({ method, params });
  } catch (cause) {
    throw isRejection(cause)
      ? new WalletError("notConfirmed", "the wallet said no", { cause })
      : new WalletError("walletFailed", "the wallet failed", { cause });
  }
}

const isRejection = (error: unknown) =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  error.code === userRejected;
