import { mkdir, rm } from "node:fs/promises";
import type { TestProject } from "vitest/node";
import { makeBuildDirectory, sharedBuildsVariable } from "./build-once.js";

/** The set-up of a run of tests: a place for what its files build. @returns the end of it */
export async function setup(
  project: Pick<TestProject, "onTestsRerun">,
): Promise<() => Promise<void>> {
  const directory = await makeBuildDirectory();
  const remove = () => rm(directory, { recursive: true, force: true });
  process.env[sharedBuildsVariable] = directory;
  // Something has changed: what was built is of no use any more.
  project.onTestsRerun(async () => {
    await remove();
    await mkdir(directory);
  });
  return remove;
}
