import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { type Built, buildOnce } from "./build-once.js";

/** A page, bundled into a directory of static files. */
export type PageBundle = Built;

const html = (entry: string) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Carryover tests</title></head>
  <body><script type="module" src="${entry}"></script></body>
</html>
`;

/**
 * Bundles a page from its sources, so that it is the code under test and not an older build.
 *
 * @param entry - of its TypeScript file, which calls `offerToTests`
 */
export async function bundlePage(entry: URL): Promise<PageBundle> {
  const built = await buildOnce(`the page of ${entry.href}`, async (work) => {
    const root = join(work, "root");
    await mkdir(root);
    await writeFile(
      join(root, "main.ts"),
      `import ${JSON.stringify(fileURLToPath(entry))};\n`,
    );
    await writeFile(join(root, "index.html"), html("./main.ts"));
    await build({
      configFile: false,
      root,
      base: "./",
      logLevel: "error",
      resolve: {
        conditions: ["carryover-source", "module", "browser", "production"],
      },
      worker: { format: "es" },
      build: {
        outDir: join(work, siteDirectory),
        target: "es2023",
        minify: false,
        assetsInlineLimit: 0,
        chunkSizeWarningLimit: 100_000,
        reportCompressedSize: false,
        emptyOutDir: true,
      },
    });
  });
  return { ...built, directory: join(built.directory, siteDirectory) };
}

const siteDirectory = "site";
