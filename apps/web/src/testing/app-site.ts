import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  buildOnce,
  makeBuildDirectory,
  serveDirectory,
  type SiteServer,
} from "@carryover/chromium";
import { build } from "vite";

const appDirectory = fileURLToPath(new URL("../../", import.meta.url));

/** The app, built as it is published. */
export interface BuiltApp {
  readonly directory: string;
  /**
   * Serves a copy of it with settings of its own, below a path of its own.
   *
   * @param added - markup for the end of the page's head, and a script beside the page
   */
  serve(config: object, added?: AddedToApp): Promise<ServedApp>;
  remove(): Promise<void>;
}

/** What somebody has put into a copy of the app. */
export interface AddedToApp {
  readonly head: string;
  /** Of `probe.js`. */
  readonly probe: string;
}

/** The app at an origin of its own. */
export interface ServedApp {
  /** Of the page, with a slash at its end. */
  readonly url: string;
  readonly origin: string;
  close(): Promise<void>;
}

async function add({ head, probe }: AddedToApp, directory: string) {
  await writeFile(join(directory, "probe.js"), probe);
  const page = join(directory, "index.html");
  const markup = await readFile(page, "utf8");
  if (!markup.includes("</head>")) throw new Error("the page has no head");
  await writeFile(
    page,
    markup.replace("</head>", () => `${head}</head>`),
  );
}

/** Builds the app from its sources. */
export async function buildApp(): Promise<BuiltApp> {
  const built = await buildOnce("the web app", (outDir) =>
    build({
      root: appDirectory,
      logLevel: "error",
      // Test runners say otherwise.
      define: { "process.env.NODE_ENV": '"production"' },
      build: { outDir, minify: false, emptyOutDir: false },
    }).then(() => undefined),
  );
  const sites = await makeBuildDirectory();
  let copies = 0;
  return {
    directory: built.directory,
    serve: async (config, added) => {
      copies += 1;
      const root = join(sites, `site-${copies}`);
      // No host that serves at its root alone.
      const below = join(root, "some", "path");
      await cp(built.directory, below, { recursive: true });
      await writeFile(join(below, "config.json"), JSON.stringify(config));
      if (added !== undefined) await add(added, below);
      const site: SiteServer = await serveDirectory(root);
      return {
        url: `${site.origin}/some/path/index.html`,
        origin: site.origin,
        close: () => site.close(),
      };
    },
    remove: async () => {
      await rm(sites, { recursive: true, force: true });
      await built.remove();
    },
  };
}
