import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { buildOnce } from "./build-once.js";

const run = promisify(execFile);

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
];

/** Where systems put it that do not put it on the path. */
const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/lib/chromium/chromium",
  "/snap/bin/chromium",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const missing =
  "these tests need Chromium: install it (on Debian: apt-get install chromium), or set CHROMIUM_PATH to where it is";

/**
 * Finds Chromium or Chrome: `CHROMIUM_PATH`, the path, the usual places. As root on Debian it is installed where it is
 * missing, since a container for tests begins without it.
 *
 * @param installing - called before that: it takes a minute or two
 * @throws with one line that says what to do
 */
export async function findChromium(installing?: () => void): Promise<string> {
  const told = process.env["CHROMIUM_PATH"];
  if (told !== undefined && told !== "") {
    if (await canRun(told)) return told;
    throw new Error("CHROMIUM_PATH leads to nothing that can be run");
  }
  const found = await look();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && (await canRun("/usr/bin/apt-get"))) {
    installing?.();
    await buildOnce("Chromium", install);
  }
  const installed = await look();
  if (installed === undefined) throw new Error(missing);
  return installed;
}

async function look(): Promise<string | undefined> {
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .flatMap((directory) => names.map((name) => join(directory, name)));
  for (const place of [...onPath, ...usualPlaces])
    if (await canRun(place)) return place;
  return undefined;
}

/** One at a time: fetching the lists of packages waits for nobody. */
async function install(): Promise<void> {
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 64 * 1024 * 1024,
  };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  try {
    await run("apt-get", [...wait, "-q", "update"], options);
    await run(
      "apt-get",
      [...wait, "-q", "-y", "--no-install-recommends", "install", "chromium"],
      options,
    );
  } catch (error) {
    throw new Error(missing, { cause: error });
  }
}

async function canRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
