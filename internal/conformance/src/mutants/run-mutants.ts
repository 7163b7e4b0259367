import { spawn } from "node:child_process";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { accountMutants } from "./account-mutants.js";
import { adapterMutants } from "./adapter-mutants.js";
import { channelMutants } from "./channel-mutants.js";
import type { Mutant } from "./mutant.js";
import { providerMutants } from "./provider-mutants.js";
import { requesterMutants } from "./requester-mutants.js";

// Takes out one check after the other in a throw-away copy of the sources, and runs the test that has to notice. Fails when
// a mutant survives, when what is to be taken out is not there, or when a test does not pass on the whole sources.

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const mutants: readonly Mutant[] = [
  ...channelMutants,
  ...providerMutants,
  ...requesterMutants,
  ...adapterMutants,
  ...accountMutants,
];

/** Copies what tests need. Everything installed is shared, but for the workspace's own packages. */
async function copySources(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "carryover-mutants-"));
  const isSource = (path: string) =>
    !/(^|\/)(node_modules|dist|\.exp)(\/|$)/.test(relative(root, path));
  for (const name of [
    "packages",
    "internal",
    "scripts",
    "vectors",
    "vitest.config.ts",
    "tsconfig.base.json",
    "package.json",
  ])
    await cp(join(root, name), join(copy, name), {
      recursive: true,
      filter: isSource,
      force: true,
    }).catch((error: unknown) => {
      if (name !== "vectors") throw error;
    });
  const modules = join(root, "node_modules");
  await mkdir(join(copy, "node_modules", "@carryover"), { recursive: true });
  for (const name of await readdir(modules))
    if (name !== "@carryover" && !name.startsWith(".vite"))
      await symlink(join(modules, name), join(copy, "node_modules", name));
  for (const folder of ["packages", "internal"])
    for (const name of await readdir(join(copy, folder))) {
      await symlink(
        join(copy, folder, name),
        join(copy, "node_modules", "@carryover", name),
      );
      const own = join(root, folder, name, "node_modules");
      await symlink(own, join(copy, folder, name, "node_modules")).catch(
        () => undefined,
      );
    }
  return copy;
}

interface TestReport {
  testResults: {
    assertionResults: {
      fullName: string;
      title: string;
      status: string;
      failureMessages: string[];
    }[];
  }[];
}

/** What became of some tests of a file, by title. */
async function runTests(
  copy: string,
  testFile: string,
  titles: readonly string[],
): Promise<Map<string, { status: string; why: string }>> {
  const reportFile = join(copy, "report.json");
  await rm(reportFile, { force: true });
  const pattern = titles
    .map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("|");
  await new Promise<void>((resolve) => {
    const child = spawn(
      process.execPath,
      [
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        testFile,
        "-t",
        `^(?:${pattern})$`,
        "--reporter=json",
        `--outputFile=${reportFile}`,
        "--testTimeout=60000",
      ],
      { cwd: copy, stdio: "ignore", env: { ...process.env, CI: "true" } },
    );
    child.on("exit", () => resolve());
  });
  const results = new Map<string, { status: string; why: string }>();
  const report = JSON.parse(await readFile(reportFile, "utf8")) as TestReport;
  for (const { assertionResults } of report.testResults)
    for (const { fullName, title, status, failureMessages } of assertionResults)
      if (status !== "skipped" && status !== "pending") {
        const why = (failureMessages[0] ?? "").split("\n")[0] ?? "";
        results.set(fullName, { status, why });
        results.set(title, { status, why });
      }
  return results;
}

function print(outcome: string, { name, file }: Mutant, more: string): void {
  console.log(
    `${outcome.padEnd(9)} ${file.split("/").at(-1) ?? ""}: ${name}${more === "" ? "" : ` — ${more}`}`,
  );
}

async function main(): Promise<number> {
  const wanted = process.env["MUTANTS"] ?? "";
  const chosen = mutants.filter(({ name, file }) =>
    `${file} ${name}`.includes(wanted),
  );
  const copy = await copySources();
  let failures = 0;
  const fail = (outcome: string, mutant: Mutant, more: string) => {
    failures += 1;
    print(outcome, mutant, more);
  };
  try {
    const files = [...new Set(chosen.map(({ testFile }) => testFile))];
    const passing = new Set<string>();
    for (const testFile of files) {
      const titles = [
        ...new Set(
          chosen
            .filter((mutant) => mutant.testFile === testFile)
            .map(({ test }) => test),
        ),
      ];
      for (const [title, { status }] of await runTests(copy, testFile, titles))
        if (status === "passed") passing.add(`${testFile} ${title}`);
    }
    let killed = 0;
    for (const mutant of chosen) {
      const { file, find, replace, testFile, test } = mutant;
      if (!passing.has(`${testFile} ${test}`)) {
        fail(
          "NO TEST",
          mutant,
          "its test is not there, or does not pass on the whole sources",
        );
        continue;
      }
      const path = join(copy, file);
      const source = await readFile(path, "utf8");
      if (source.split(find).length !== 2) {
        fail(
          "NOT FOUND",
          mutant,
          `its text stands ${source.split(find).length - 1} times in the source`,
        );
        continue;
      }
      await writeFile(
        path,
        source.replace(find, () => replace),
      );
      const result = (await runTests(copy, testFile, [test])).get(test);
      await writeFile(path, source);
      if (result?.status === "failed") {
        killed += 1;
        print("killed", mutant, result.why.slice(0, 100));
      } else
        fail(
          "SURVIVED",
          mutant,
          result === undefined ? "its test did not run" : test,
        );
    }
    console.log(`\n${killed} of ${chosen.length} mutants killed`);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  return failures;
}

process.exitCode = (await main()) === 0 ? 0 : 1;
