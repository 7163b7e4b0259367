import {
  bundlePage,
  type PageBundle,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import { describeDormantInstallationsContract } from "@carryover/testkit/contracts";
import { afterAll, beforeAll, expect } from "vitest";
import type { AccountProgram } from "../testing/account-page.js";

let bundle: PageBundle;
let browser: TestBrowser;
beforeAll(async () => {
  bundle = await bundlePage(
    new URL("../testing/account-page.ts", import.meta.url),
  );
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await bundle.remove();
});

describeDormantInstallationsContract("browser", async (network) => {
  const { page, problems, program } = await browser.open<AccountProgram>(
    bundle.directory,
  );
  return {
    installations: await program.openDormantInstallations({
      apiUrl: network.network.grpcWebUrl,
    }),
    close: async () => {
      const left = await program.listStorage();
      await page.close();
      expect(left).toEqual({ databases: [], files: [], caches: [], locks: [] });
      expect(problems).toEqual([]);
    },
  };
});
