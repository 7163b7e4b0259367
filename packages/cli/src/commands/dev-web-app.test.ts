import { join } from "node:path";
import { startBrowser, type TestBrowser } from "@carryover/chromium";
import { waitFor } from "@carryover/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestHome, type TestHome } from "../testing/command.js";
import { commandsOf } from "../testing/document-commands.js";

let home: TestHome;
let browser: TestBrowser;
let urls: { webUrl: string; storageUrl: string; networkWebUrl: string };
beforeAll(async () => {
  home = await createTestHome();
  browser = await startBrowser();
  const ports = ["grpc", "grpc-web", "storage", "web"].flatMap((name) => [
    `--${name}-port`,
    "0",
  ]);
  const dev = home.start(["dev", "--json", ...ports]);
  const line = await waitFor(
    "dev to listen",
    () => /^.*\n/.exec(dev.stdout())?.[0],
    // It may have to build the app.
    { deadlineMs: 60_000 },
  );
  urls = JSON.parse(line) as typeof urls;
}, 90_000);
afterAll(async () => {
  await browser.close();
  await home.remove();
});

test("dev serves the web app, with settings and a policy that name the places beside it and no others", async () => {
  const { webUrl, storageUrl, networkWebUrl } = urls;
  const page = await fetch(webUrl);
  const policy = page.headers.get("content-security-policy");
  expect(policy).toContain(
    `connect-src 'self' ${new URL(networkWebUrl).origin} ${new URL(storageUrl).origin};`,
  );
  expect(policy).not.toContain("unsafe-inline");
  expect(page.headers.get("referrer-policy")).toBe("no-referrer");
  expect(await (await fetch(`${webUrl}/config.json`)).json()).toEqual({
    environment: "local",
    networkUrl: new URL(networkWebUrl).origin,
    storageOrigins: [new URL(storageUrl).origin],
  });
  for (const path of ["/..%2fpackage.json", "/nowhere", "/assets"])
    expect((await fetch(`${webUrl}${path}`)).status).toBe(404);
  expect((await fetch(webUrl, { method: "POST" })).status).toBe(405);
});

test("under that policy the page's own workers run, and reach the network", async () => {
  const page = await browser.context.newPage();
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  await page.addInitScript(() => {
    const request = async ({ method }: { method: string }) =>
      method === "eth_requestAccounts" ? [`0x${"12".repeat(20)}`] : "0x";
    const detail = {
      info: { uuid: "a-wallet", name: "Empty Wallet", icon: "" },
      provider: { request },
    };
    globalThis.addEventListener("eip6963:requestProvider", () =>
      globalThis.dispatchEvent(
        new CustomEvent("eip6963:announceProvider", { detail }),
      ),
    );
  });
  await page.goto(`${urls.webUrl}/#/make`);
  await page.getByRole("button", { name: "Empty Wallet" }).click();
  // The answer of the network, through the library in its worker: it knows no such account.
  await page.getByText("accountNotFound").waitFor();
  expect(said).toEqual([]);
  await page.close();
});

test(
  "the guide, followed: a file answers in the page, and the new phone has everything",
  { timeout: 120_000 },
  async () => {
    const guide = new URL("../../../../docs/guide/web-app.md", import.meta.url);
    const passphrase = "seven green bottles";
    const file = join(home.temporary, "alix.backup.age");
    const commands = commandsOf(guide).filter(({ args }) => args[0] !== "dev");
    expect(commands.map(({ args }) => args[0])).toEqual(
      "wallet init sample account init request apply compare".split(" "),
    );
    const outputs: string[] = [];
    let pin = "";
    for (const { line, args } of commands) {
      if (args[0] === "apply") await answerInPage({ file, passphrase, pin });
      const { exitCode, stdout, stderr } = await home.run(
        args.map((arg) => (arg === "alix.backup.age" ? file : arg)),
        args[0] === "account" ? { input: `y\n${passphrase}\n` } : {},
      );
      expect(exitCode, `${line}\n${stdout}${stderr}`).toBe(0);
      pin = /PIN {2}(\d{4})/.exec(stdout)?.[1] ?? pin;
      outputs.push(stdout);
    }
    expect(outputs.at(-2)).toContain(
      "276 messages in 6 conversations imported",
    );
    expect(outputs.at(-1)).toContain("The same ids, authors, times");
  },
);

/** What the guide tells to do in the page. */
async function answerInPage({
  file,
  passphrase,
  pin,
}: Record<"file" | "passphrase" | "pin", string>): Promise<void> {
  const page = await browser.context.newPage();
  await page.goto(urls.webUrl);
  await page.getByRole("link", { name: /^Answer a request/ }).click();
  await page.getByLabel("Choose the Backup Account File").setInputFiles(file);
  await page
    .getByLabel("Passphrase of the file", { exact: true })
    .fill(passphrase);
  await page.getByRole("button", { name: "Open on this machine" }).click();
  await page.getByRole("checkbox", { name: `PIN ${pin}` }).check();
  await page.getByRole("button", { name: "Approve and send" }).click();
  await page.getByText("276 messages in 6 conversations went to").waitFor();
  await page.getByRole("button", { name: "Finish and clear" }).click();
  await page.getByText("Nothing of it is left in this browser").waitFor();
}
