import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { openTab, type Tab } from "./open-page.js";
import { createStage, type Stage, type World } from "./world.js";

/** The app in a browser, for all tests of a file; a world and tabs for each of them. */
export interface Scene {
  /** Not before the first test. */
  readonly stage: Stage;
  /** Makes the world of a test. */
  begin(...options: Parameters<Stage["world"]>): Promise<World>;
  /** Opens a tab. @param world - or another site than that of the test's world */
  open(route: string, world?: Pick<World, "site">): Promise<Tab>;
  /** Presses a button that saves a file, and finds the file. */
  save(tab: Tab, button: string): Promise<string>;
  /** Saves what the page downloads. @returns where to */
  keep(download: Download): Promise<string>;
}

/** Sets the scene for the tests of a file, and clears it up after each and after all of them. */
export function useScene(): Scene {
  let stage: Stage | undefined;
  let downloads = "";
  let world: World | undefined;
  let tabs: Tab[] = [];
  beforeAll(async () => {
    stage = await createStage();
    downloads = await mkdtemp(join(tmpdir(), "carryover-downloads-"));
  });
  afterAll(async () => {
    await stage?.close();
    await rm(downloads, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const { page } of tabs) await page.close({ runBeforeUnload: false });
    tabs = [];
    await world?.close();
    world = undefined;
  });
  const ready = () => {
    if (stage === undefined) throw new Error("the stage is not set yet");
    return stage;
  };
  const keep = async (download: Download) => {
    const path = join(downloads, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  };
  return {
    get stage() {
      return ready();
    },
    keep,
    begin: async (...options) => (world = await ready().world(...options)),
    open: async (route, site = world) => {
      if (site === undefined) throw new Error("the world is not made yet");
      const tab = await openTab(ready(), site, route);
      tabs.push(tab);
      // As in browsers that cannot ask where to: a headless one would wait for ever.
      const forget = () =>
        void Reflect.deleteProperty(globalThis, "showSaveFilePicker");
      await tab.page.evaluate(forget);
      await tab.page.addInitScript(forget);
      return tab;
    },
    save: async (tab, button) => {
      const saving = tab.page.waitForEvent("download");
      await tab.press(button);
      return await keep(await saving);
    },
  };
}
