import { type AccountSigner, CarryoverError } from "@carryover/client";
import { libraryCall } from "../library-call.js";
import { watchSigner } from "./watched-signer.js";

/**
 * Revokes installations with an account's wallet. The library lets any wallet of the account try, and the network refuses all
 * but one: that is told before the person signs.
 *
 * @param recoveryIdentifier - of the account, as the network has it
 * @param revoke - the library's call, with the signer that it is given
 * @throws {CarryoverError} `walletOfAnotherAccount`, `walletRefused`, `networkUnavailable`
 */
export async function revokeWithWallet(
  signer: AccountSigner,
  recoveryIdentifier: string,
  revoke: (signer: AccountSigner) => Promise<void>,
): Promise<void> {
  const { identifier } = await signer.getIdentifier();
  if (identifier.toLowerCase() !== recoveryIdentifier.toLowerCase())
    throw new CarryoverError(
      "walletOfAnotherAccount",
      "only the account's recovery wallet can revoke installations",
    );
  const watched = watchSigner(signer);
  await libraryCall(
    "the installation could not be revoked",
    () => watched.run(() => revoke(watched.signer)),
    { waitsForPerson: watched.isAsked },
  );
}
