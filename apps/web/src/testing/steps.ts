import { expect } from "vitest";
import type { Tab } from "./open-page.js";
import { passphrase } from "./world.js";

/** Goes back in the browser and forward again: the task went on. */
export async function leaveAndComeBack(tab: Tab, step: string): Promise<void> {
  await tab.page.getByRole("link", { name: "Carryover", exact: true }).click();
  await tab.heading("Your XMTP messages, back on a new device");
  await tab.page.goBack();
  await tab.heading(step);
}

/** Loads the page anew in the middle of a task: who does is asked first, and insists. */
export async function loadAnew(tab: Tab): Promise<void> {
  const asking = tab.page.waitForEvent("dialog");
  await tab.page.reload();
  expect((await asking).type()).toBe("beforeunload");
  await tab.sees("What will happen");
}

/** Chooses the wallet. */
export async function connect(tab: Tab): Promise<void> {
  await tab.press("Test Wallet");
  await tab.heading("What it takes, and what opens it");
}

/** Types the passphrase of a new file, twice. */
export async function typePassphrase(
  tab: Tab,
  again = passphrase,
): Promise<void> {
  const { page } = tab;
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByLabel("The same again", { exact: true }).fill(again);
  await tab.press("Make the file");
}
