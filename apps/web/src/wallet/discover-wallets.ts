import type { AnnouncedWallet } from "./eip-1193.js";
import { parseAnnouncement } from "./parse-announcement.js";

/**
 * Asks the wallets of this browser to announce themselves (EIP-6963). Nothing leaves the machine.
 *
 * @param found - called with all wallets so far, whenever one more announces itself
 * @returns the way to stop listening
 */
export function discoverWallets(
  found: (wallets: readonly AnnouncedWallet[]) => void,
): () => void {
  const wallets = new Map<string, AnnouncedWallet>();
  const announced = (event: Event) => {
    const wallet = parseAnnouncement(
      event instanceof CustomEvent ? event.detail : undefined,
    );
    if (wallet === undefined || wallets.has(wallet.info.uuid)) return;
    wallets.set(wallet.info.uuid, wallet);
    found([...wallets.values()]);
  };
  window.addEventListener("eip6963:announceProvider", announced);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  return () =>
    window.removeEventListener("eip6963:announceProvider", announced);
}
