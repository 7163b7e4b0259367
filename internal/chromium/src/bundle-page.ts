import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** A page, bundled into a directory of static files. */
export interface PageBundle {
  readonly directory: string;
  remove(): Promise<void>;
}

// Below node_modules, so that what is imported is found from there.
const buildDirectory = fileURLToPath(
  new URL("../../../node_modules/.carryover-test/", import.meta.url),
);

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
  await mkdir(buildDirectory, { recursive: true });
  const work = await mkdtemp(join(buildDirectory, "page-"));
  const root = join(work, "root");
  const directory = join(work, "site");
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
      outDir: directory,
      target: "es2023",
      minify: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 100_000,
      reportCompressedSize: false,
      emptyOutDir: true,
    },
  });
  return {
    directory,
    remove: () => rm(work, { recursive: true, force: true }),
  };
}
