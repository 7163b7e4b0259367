import { privateKeyToAccount } from "viem/accounts";
import { verifyMessage } from "viem";
import { expect, test } from "vitest";
import { problemOf } from "../errors/problem.js";
import { connectWallet } from "./connect-wallet.js";
import { hexOfBytes } from "./hex.js";

const account = privateKeyToAccount(`0x${"11".repeat(32)}`);

interface Wallet {
  code?: string;
  accounts?: unknown;
  refuses?: string;
}

const walletOf = ({ code = "0x", accounts, refuses }: Wallet) => ({
  request: async ({
    method,
    params = [],
  }: {
    method: string;
    params?: readonly unknown[];
  }): Promise<unknown> => {
    if (method === refuses)
      throw Object.assign(new Error("no"), { code: 4001 });
    switch (method) {
      case "eth_requestAccounts":
        return accounts ?? [account.address];
      case "eth_getCode":
        return code;
      case "eth_chainId":
        return "0x2105";
      case "personal_sign":
        return await account.signMessage({
          message: { raw: params[0] as `0x${string}` },
        });
      default:
        throw new Error(`not asked for: ${method}`);
    }
  },
});

test("the wallet signs what XMTP asks for", async () => {
  const { address, signer } = await connectWallet(walletOf({}));
  expect(address).toBe(account.address.toLowerCase());
  expect(signer.type).toBe("EOA");
  const message = "a text: żółć";
  const signature = await signer.signMessage(message);
  expect(
    await verifyMessage({
      address: account.address,
      message,
      signature: `0x${hexOfBytes(signature)}`,
    }),
  ).toBe(true);
});

test("a smart-contract wallet is told from others", async () => {
  const { signer } = await connectWallet(walletOf({ code: "0x6001" }));
  expect(signer).toMatchObject({ type: "SCW" });
  const delegating = walletOf({ code: `0xEF0100${"22".repeat(20)}` });
  expect((await connectWallet(delegating)).signer.type).toBe("EOA");
});

test.each([
  [{ refuses: "eth_requestAccounts" }, "notConfirmed"],
  [{ accounts: [] }, "noAccount"],
  [{ accounts: ["alix.eth"] }, "noAccount"],
  [{ code: "0x60", refuses: "eth_chainId" }, "notConfirmed"],
])("a wallet with %o gives %s, and says so once", async (wallet, code) => {
  const error: unknown = await connectWallet(walletOf(wallet)).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code });
  const { message, advice } = problemOf(error);
  // Shown one below the other.
  expect(message).toMatch(/^The wallet /);
  expect(advice).toMatch(/^Nothing was changed\. /);
});

test("a signature that is refused is told as that", async () => {
  const { signer } = await connectWallet(
    walletOf({ refuses: "personal_sign" }),
  );
  await expect(signer.signMessage("text")).rejects.toMatchObject({
    code: "notConfirmed",
  });
});
