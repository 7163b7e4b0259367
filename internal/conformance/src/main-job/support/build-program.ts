import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";

/** A program that was made from the sources as they are. */
export interface BuiltProgram {
  readonly path: string;
  remove(): Promise<void>;
}

const repository = join(import.meta.dirname, "../../../../..");

/**
 * Bundles a program from the workspace's sources, so that no test runs against a build of yesterday.
 *
 * @param source - path of its TypeScript
 */
export async function buildProgram(source: string): Promise<BuiltProgram> {
  // Inside the repository, where the SDK is found, which cannot be bundled.
  const cache = join(repository, "node_modules", ".cache");
  await mkdir(cache, { recursive: true });
  const outDir = await mkdtemp(join(cache, "carryover-program-"));
  await build({
    configFile: false,
    root: repository,
    logLevel: "error",
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false,
      minify: false,
      target: "node20",
      rollupOptions: {
        input: { program: source },
        output: { entryFileNames: "[name].mjs" },
      },
    },
    ssr: {
      noExternal: true,
      external: ["@xmtp/node-sdk", "@xmtp/node-bindings"],
      resolve: { conditions: ["carryover-source", "module", "node"] },
    },
  });
  return {
    path: join(outDir, "program.mjs"),
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}
