import type { AnnouncedWallet } from "../wallet/eip-1193.js";
import { useWallets } from "../wallet/use-wallets.js";
import { Notice } from "./notice.js";
import { OthersWords } from "./others-words.js";

/** The wallets of this browser, to choose one. */
export function WalletList({
  onChoose,
}: {
  onChoose: (wallet: AnnouncedWallet) => void;
}) {
  const wallets = useWallets();
  if (wallets.length === 0)
    return (
      <Notice kind="warn" title="No wallet found in this browser">
        <p>
          Install or switch on a wallet extension that announces itself
          (EIP-6963), or open this page in your wallet app&rsquo;s own browser.
          It appears here by itself.
        </p>
      </Notice>
    );
  return (
    <ul className="wallets">
      {wallets.map((wallet) => (
        <li key={wallet.info.uuid}>
          <button type="button" onClick={() => onChoose(wallet)}>
            {wallet.info.icon !== undefined && (
              <img src={wallet.info.icon} alt="" width={24} height={24} />
            )}
            <OthersWords text={wallet.info.name} />
          </button>
        </li>
      ))}
    </ul>
  );
}
