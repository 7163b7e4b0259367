import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { chmod, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CliError } from "../../cli-error.js";

/** The app's package, and where it is built to. */
function locate(): { root: string; built: string } {
  const root = dirname(
    createRequire(import.meta.url).resolve("@carryover/web/package.json"),
  );
  return { root, built: join(root, "dist") };
}

/** What the built app is made of. */
const sources = ["src", "public", "index.html", "vite.config.ts"];

/**
 * Finds the built web app; builds it where there is none, or an older one than its sources.
 *
 * @param building - called before a build, which takes some seconds
 * @returns a directory of static files
 * @throws {CliError} `webAppNotBuilt`
 */
export async function findWebApp(building: () => void): Promise<string> {
  const { root, built } = locate();
  const index = join(built, "index.html");
  if (
    existsSync(index) &&
    sources.every(
      (name) => newestMs(join(root, name)) <= statSync(index).mtimeMs,
    )
  )
    return built;
  building();
  await build(root, built);
  return built;
}

function newestMs(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(path).map((name) => newestMs(join(path, name))),
  );
}

/** Beside its place first: whoever else looks meanwhile finds a whole one. */
async function build(root: string, built: string): Promise<void> {
  const aside = await mkdtemp(join(root, "dist-"));
  try {
    const vite = createRequire(join(root, "package.json")).resolve(
      "vite/package.json",
    );
    await run(
      join(dirname(vite), "bin/vite.js"),
      ["build", "--outDir", aside, "--emptyOutDir", "--logLevel", "error"],
      root,
    );
    // What is made for temporary use is private; this is to be copied to servers.
    await chmod(aside, 0o755);
    await rm(built, { recursive: true, force: true });
    await rename(aside, built);
  } catch (cause) {
    // Somebody else was faster.
    if (existsSync(join(built, "index.html"))) return;
    throw new CliError(
      "webAppNotBuilt",
      "the web app could not be built",
      "Nothing was started. Run npm ci, then npm run build -w apps/web to see why; or leave it out with --no-web-app.",
      { cause },
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function run(
  program: string,
  args: readonly string[],
  directory: string,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: directory,
      stdio: ["ignore", "ignore", "ignore"],
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`vite ended with ${code ?? "a signal"}`));
    });
  });
}
