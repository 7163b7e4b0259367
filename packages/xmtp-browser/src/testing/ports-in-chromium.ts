import {
  bundlePage,
  type OpenPage,
  type PageBundle,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import type { Person } from "@carryover/testkit";
import { afterAll, beforeAll, expect } from "vitest";
import type { PortsProgram } from "./ports-page.js";
import { travelling } from "./travelling-signer.js";

/** An installation in the page. */
export type RemoteInstallation = Awaited<
  ReturnType<PortsProgram["openInstallation"]>
>;

/** The page with the ports, for all tests of a file. */
export interface PortsInChromium {
  /** Calls run in the page. Not before the first test. */
  readonly program: PortsProgram;
  /** An installation of a person, with its database in memory. */
  openInstallation(person: Person, apiUrl: string): Promise<RemoteInstallation>;
}

/** Opens the page before the tests of a file, and sees at their end that nothing was left uncaught in it. */
export function usePortsInChromium(): PortsInChromium {
  let bundle: PageBundle;
  let browser: TestBrowser;
  let opened: OpenPage<PortsProgram> | undefined;
  beforeAll(async () => {
    bundle = await bundlePage(new URL("./ports-page.ts", import.meta.url));
    browser = await startBrowser();
    opened = await browser.open<PortsProgram>(bundle.directory);
  });
  afterAll(async () => {
    const problems = opened?.problems;
    await browser.close();
    await bundle.remove();
    expect(problems).toEqual([]);
  });
  const program = () => {
    if (opened === undefined) throw new Error("the page is not open yet");
    return opened.program;
  };
  return {
    get program() {
      return program();
    },
    openInstallation: ({ signer }, apiUrl) =>
      program().openInstallation({
        apiUrl,
        signer: travelling(signer),
        dbPath: null,
      }),
  };
}
