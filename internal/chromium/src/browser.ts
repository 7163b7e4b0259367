import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "./find-chromium.js";
import { serveDirectory, type SiteServer } from "./serve-directory.js";
import { createPeer } from "./wire.js";
import type {} from "./page.js";

/** A Chromium of a test's own, with a profile on disk: the private file system of a page without one is very slow. */
export interface TestBrowser {
  readonly context: BrowserContext;
  /**
   * Opens a page at an origin of its own.
   *
   * @param site - directory of the page, or the server of one that was opened before: the same origin again
   */
  open<Program extends object>(
    site: string | SiteServer,
  ): Promise<OpenPage<Program>>;
  /** Closes everything and removes the profile. */
  close(): Promise<void>;
}

/** A page and what it offers. */
export interface OpenPage<Program extends object> {
  readonly page: Page;
  readonly site: SiteServer;
  /** Calls run in the page. */
  readonly program: Program;
  /** What nobody caught in the page, so far. */
  readonly problems: readonly Error[];
}

/** As root in a container, and without calls of its own to the outside. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** Starts Chromium. */
export async function startBrowser(): Promise<TestBrowser> {
  const executablePath = await findChromium();
  const profile = await mkdtemp(join(tmpdir(), "carryover-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: flags,
  });
  const sites = new Set<SiteServer>();
  const serve = async (directory: string) => {
    const site = await serveDirectory(directory);
    sites.add(site);
    return site;
  };
  return {
    context,
    open: async <Program extends object>(place: string | SiteServer) => {
      const site = typeof place === "string" ? await serve(place) : place;
      return await openPage<Program>(context, site);
    },
    close: async () => {
      await context.close();
      for (const site of sites) await site.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function openPage<Program extends object>(
  context: BrowserContext,
  site: SiteServer,
): Promise<OpenPage<Program>> {
  const page = await context.newPage();
  const problems: Error[] = [];
  page.on("pageerror", (error) => problems.push(error));
  const peer = createPeer((message) =>
    page.evaluate(async (text) => {
      if (globalThis.carryToPage === undefined)
        throw new Error("the page offers nothing");
      return await globalThis.carryToPage(text);
    }, message),
  );
  await page.exposeFunction("carryToTests", (message: string) =>
    peer.answer(message),
  );
  await page.goto(`${site.origin}/`);
  const offered = await page.waitForFunction(() => globalThis.offeredToTests);
  const text = await offered.jsonValue();
  return {
    page,
    site,
    problems,
    program: peer.decode(JSON.parse(String(text))) as Program,
  };
}
