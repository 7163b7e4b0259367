import { useEffect, useState } from "react";
import { discoverWallets } from "./discover-wallets.js";
import type { AnnouncedWallet } from "./eip-1193.js";

/** The wallets of this browser. */
export function useWallets(): readonly AnnouncedWallet[] {
  const [wallets, setWallets] = useState<readonly AnnouncedWallet[]>([]);
  useEffect(() => discoverWallets(setWallets), []);
  return wallets;
}
