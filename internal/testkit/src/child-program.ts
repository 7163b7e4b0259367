import { type ChildProcess, fork } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** A TypeScript program that a test runs in processes of their own, to kill them. */
export interface ChildProgram {
  /** Starts it. Only its messages (`process.send`) and its end are of interest. */
  start(...args: string[]): ChildProcess;
  remove(): Promise<void>;
}

// Below node_modules, so that the native modules that cannot be bundled are found from there.
const buildDirectory = fileURLToPath(
  new URL("../../../node_modules/.carryover-test/", import.meta.url),
);

/**
 * Bundles a program from its sources, so that it is the code under test and not an older build.
 *
 * @param entry - of its TypeScript file
 */
export async function bundleChildProgram(entry: URL): Promise<ChildProgram> {
  await mkdir(buildDirectory, { recursive: true });
  const outDir = await mkdtemp(join(buildDirectory, "program-"));
  const conditions = ["carryover-source", "module", "node", "production"];
  await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions },
    ssr: {
      noExternal: true,
      external: ["@xmtp/node-sdk", "@xmtp/node-bindings"],
      resolve: { conditions },
    },
    build: {
      ssr: fileURLToPath(entry),
      outDir,
      target: "node20",
      minify: false,
      rollupOptions: {
        output: { format: "es", entryFileNames: "program.mjs" },
      },
    },
  });
  return {
    start: (...args) =>
      fork(join(outDir, "program.mjs"), args, {
        // Without the test runner's own flags and loaders.
        execArgv: [],
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      }),
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}

/** Waits for the end of a process. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("exit", resolve));
}
