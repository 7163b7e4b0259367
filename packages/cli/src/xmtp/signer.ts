import type { Signer } from "@xmtp/node-sdk";
import type { Output } from "../output.js";
import { screen } from "../terminal/layout.js";
import { ethereum } from "./sdk-values.js";
import { personalSign, type WalletKey } from "./wallet-signature.js";

/** A wallet as the SDK asks it. */
export function signerOf(wallet: WalletKey): Extract<Signer, { type: "EOA" }> {
  return {
    type: "EOA",
    getIdentifier: () => ({
      identifier: wallet.address,
      identifierKind: ethereum,
    }),
    signMessage: (message) => personalSign(wallet, message),
  };
}

/** A wallet that shows each text that it signs, as a wallet app does: once, however often it is asked for the same. */
export function showingSigner(
  wallet: WalletKey,
  name: string,
  output: Output,
): Extract<Signer, { type: "EOA" }> {
  const shown = new Set<string>();
  return {
    ...signerOf(wallet),
    signMessage: (message) => {
      if (!shown.has(message)) {
        shown.add(message);
        // A progress bar may be on this line.
        if (output.redraws === "inPlace") output.write("\r\u001b[2K");
        output.say(
          "",
          ...screen(`wallet ${name} signs`, message.split("\n"), {
            width: Math.min(output.width, 72),
          }),
        );
      }
      return personalSign(wallet, message);
    },
  };
}
