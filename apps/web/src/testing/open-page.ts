import type { Page } from "playwright-core";
import { waitFor } from "@carryover/testkit";
import type { Stage, World } from "./world.js";

/** A path; or what is in the file, under a name that not every system's disk can give it. */
export type ChosenFile =
  string | { readonly name: string; readonly bytes: Uint8Array };

/** The app in a tab, and everything that it said and asked for. */
export interface Tab {
  readonly page: Page;
  /** What is in the console, and what nobody caught. */
  readonly said: readonly string[];
  /** Addresses that anything in the tab asked for. */
  readonly requests: readonly string[];
  /** Waits for a heading, which has the focus then. */
  heading(name: string | RegExp): Promise<void>;
  /** Waits for a text that is shown. */
  sees(text: string | RegExp): Promise<void>;
  /** Presses a button. */
  press(name: string | RegExp): Promise<void>;
  /** Goes on with the Tab key until something with this name has the focus, and can be seen to have it. */
  tabTo(name: RegExp): Promise<void>;
  /** Chooses a file. */
  choose(file: ChosenFile): Promise<void>;
  /** Chooses a file and types its passphrase. */
  open(file: ChosenFile, passphrase: string): Promise<void>;
}

/** Opens the app. */
export async function openTab(
  { browser }: Stage,
  { site }: Pick<World, "site">,
  route = "",
): Promise<Tab> {
  const page = await browser.context.newPage();
  const said: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  page.on("dialog", (dialog) => void dialog.accept());
  await page.goto(`${site.url}#/${route}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  const tab: Tab = {
    page,
    said,
    requests,
    heading: async (name) => {
      const heading = page.getByRole("heading", { name });
      await heading.waitFor();
      await waitFor(`${String(name)} to have the focus`, () =>
        heading.evaluate((element) => element === document.activeElement),
      );
    },
    sees: (text) => page.getByText(text).first().waitFor(),
    press: (name) => page.getByRole("button", { name }).click(),
    tabTo: (name) => tabTo(page, name),
    choose: (file) =>
      page.locator('input[type="file"]').setInputFiles(
        typeof file === "string"
          ? file
          : {
              name: file.name,
              mimeType: "application/octet-stream",
              buffer: Buffer.from(file.bytes),
            },
      ),
    open: async (file, passphrase) => {
      await tab.choose(file);
      await page
        .getByLabel("Passphrase of the file", { exact: true })
        .fill(passphrase);
      await tab.press("Open on this machine");
    },
  };
  return tab;
}

async function tabTo(page: Page, name: RegExp): Promise<void> {
  const named = page
    .getByRole("link", { name })
    .or(page.getByRole("button", { name }))
    .or(page.getByRole("checkbox", { name }))
    .or(page.getByRole("radio", { name }))
    .or(page.getByLabel(name, { exact: true }));
  // Wallets, for one, are listed when they have announced themselves.
  await named.first().waitFor();
  for (let presses = 0; presses < 25; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus").and(named);
    if ((await focused.count()) !== 1) continue;
    const outline = await focused.evaluate(
      (element) => getComputedStyle(element).outlineStyle,
    );
    if (outline === "solid") return;
    throw new Error(`nobody sees that ${name.source} has the focus`);
  }
  throw new Error(`the keyboard does not reach ${name.source}`);
}

/** Everything that the browser keeps for the page's origin, and what still runs, as the browser itself says it. */
export async function keptBy({ page }: Tab) {
  const stored = await page.evaluate(async () => {
    const files: string[] = [];
    const walk = async (directory: FileSystemDirectoryHandle, path: string) => {
      for await (const [name, handle] of directory.entries()) {
        files.push(`${path}/${name}`);
        if (handle.kind === "directory") await walk(handle, `${path}/${name}`);
      }
    };
    await walk(await navigator.storage.getDirectory(), "");
    return {
      files,
      databases: (await indexedDB.databases()).map(({ name }) => name),
      caches: await caches.keys(),
      items: [...Object.keys(sessionStorage), ...Object.keys(localStorage)],
      cookies: document.cookie,
    };
  });
  // Databases that are in memory are in that of a worker.
  return { ...stored, workers: page.workers().map((worker) => worker.url()) };
}

/** What {@link keptBy} gives when nothing is kept. */
export const nothing = {
  files: [],
  databases: [],
  caches: [],
  items: [],
  cookies: "",
  workers: [],
};
