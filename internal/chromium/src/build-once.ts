import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Below node_modules, so that what is imported is found from there.
const buildDirectory = fileURLToPath(
  new URL("../../../node_modules/.carryover-test/", import.meta.url),
);

/** Names the directory that the test files of one run share. Set by the run's set-up; absent outside of one. */
export const sharedBuildsVariable = "CARRYOVER_TEST_BUILDS";

/** Something that was built, for as long as a test file needs it. */
export interface Built {
  readonly directory: string;
  /** Nothing is removed that other test files of the run use, too. */
  remove(): Promise<void>;
}

/** A build is some seconds of work, and twice that where two share a core. */
const builtTimeoutMs = 120_000;
const lookEveryMs = 50;

/**
 * Builds something once in a run: the first test file that wants it does, and the others wait for that. A run begins with
 * nothing, so that it is always the code under test.
 *
 * @param what - tells one build from another
 * @param build - fills an empty directory
 */
export async function buildOnce(
  what: string,
  build: (directory: string) => Promise<void>,
): Promise<Built> {
  const shared = process.env[sharedBuildsVariable];
  if (shared === undefined) {
    const directory = await makeBuildDirectory();
    await build(directory);
    return {
      directory,
      remove: () => rm(directory, { recursive: true, force: true }),
    };
  }
  const name = createHash("sha256").update(what).digest("hex").slice(0, 32);
  const directory = join(shared, name);
  if (await isFirst(directory)) {
    try {
      await build(directory);
      await writeFile(`${directory}.built`, "");
    } catch (error) {
      await writeFile(`${directory}.failed`, "");
      throw error;
    }
  } else await untilBuilt(directory, what);
  return { directory, remove: async () => undefined };
}

/** A directory for builds, that nobody else has. */
export async function makeBuildDirectory(): Promise<string> {
  await mkdir(buildDirectory, { recursive: true });
  return await mkdtemp(join(buildDirectory, "run-"));
}

/** Of those who try to make a directory one succeeds. */
async function isFirst(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function untilBuilt(directory: string, what: string): Promise<void> {
  const deadline = performance.now() + builtTimeoutMs;
  while (!(await isThere(`${directory}.built`))) {
    if (await isThere(`${directory}.failed`))
      throw new Error(`${what} could not be built: another test file says why`);
    if (performance.now() > deadline)
      throw new Error(`${what} was not built in ${builtTimeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
