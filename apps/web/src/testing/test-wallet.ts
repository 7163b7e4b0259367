import type { BrowserContext } from "playwright-core";
import type { Hex, PrivateKeyAccount } from "viem";

/** A wallet in the page that really signs: the key is here, in the test. */
export interface TestWallet {
  /** How often it was asked for a signature. */
  signatures(): number;
  /** What it does from now on. */
  behave(manner: "signs" | "refuses"): void;
  /** How often it was asked this. */
  asked(method: string): number;
  /** The next answer that a person gives waits, as with a window that nobody looks at. @returns gives it, as another account if one is named */
  hold(): (account?: PrivateKeyAccount) => void;
}

/**
 * Announces a wallet by EIP-6963 in every page of a browser from now on.
 *
 * @param accountOf - whose wallet it is at the moment
 */
export async function installTestWallet(
  context: BrowserContext,
  accountOf: () => PrivateKeyAccount,
): Promise<TestWallet> {
  let signatures = 0;
  let manner: "signs" | "refuses" = "signs";
  const asked: string[] = [];
  let held: Promise<PrivateKeyAccount | undefined> | undefined;
  const answer = async (method: string, params: unknown[]) => {
    asked.push(method);
    // Of a contract nobody is asked.
    const waiting = method === "eth_getCode" ? undefined : held;
    if (waiting !== undefined) held = undefined;
    const account = (await waiting) ?? accountOf();
    switch (method) {
      case "eth_requestAccounts":
        return [account.address];
      case "eth_getCode":
        return "0x";
      case "personal_sign": {
        signatures += 1;
        const raw = String(params[0]) as Hex;
        return await account.signMessage({ message: { raw } });
      }
      default:
        throw new Error(`the wallet knows no ${method}`);
    }
  };
  await context.exposeFunction(
    "askTestWallet",
    async (method: string, params: unknown[]) =>
      manner === "refuses"
        ? { rejected: true }
        : { result: await answer(method, params) },
  );
  await context.addInitScript(announce);
  return {
    signatures: () => signatures,
    asked: (method) => asked.filter((each) => each === method).length,
    hold: () => {
      let give: (account?: PrivateKeyAccount) => void = () => undefined;
      held = new Promise((resolve) => {
        give = resolve;
      });
      return (account) => give(account);
    },
    behave: (next) => {
      manner = next;
    },
  };
}

/** Runs in the page: it must stand alone. */
function announce(): void {
  const provider = {
    request: async ({
      method,
      params = [],
    }: {
      method: string;
      params?: unknown[];
    }) => {
      const ask = (
        globalThis as unknown as {
          askTestWallet: (
            method: string,
            params: unknown[],
          ) => Promise<{ result?: unknown; rejected?: boolean }>;
        }
      ).askTestWallet;
      const answer = await ask(method, params);
      if (answer.rejected === true)
        throw Object.assign(new Error("rejected"), { code: 4001 });
      return answer.result;
    },
  };
  const icon =
    "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='4' fill='orange'/></svg>";
  const info = {
    uuid: "350670db-19fa-4704-a166-e52e178b59d2",
    // As one that would like to be taken for another: what follows is turned around.
    name: "Test\u202eWallet",
    icon,
    rdns: "org.example.test",
  };
  window.addEventListener("eip6963:requestProvider", () => {
    window.dispatchEvent(
      new CustomEvent("eip6963:announceProvider", {
        detail: Object.freeze({ info, provider }),
      }),
    );
  });
}
