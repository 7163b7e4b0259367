// Generates the protobuf code of every package that has a `proto/` folder into its `src/gen/`.
// `--check` generates beside it and fails when the committed code is stale.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const check = process.argv.includes("--check");
const packages = readdirSync(join(root, "packages")).filter((name) =>
  existsSync(join(root, "packages", name, "proto")),
);

const files = (dir) =>
  existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
        .sort()
    : [];

let stale = 0;
for (const name of packages) {
  const dir = join(root, "packages", name);
  const out = mkdtempSync(join(tmpdir(), "generate-"));
  const template = JSON.stringify({
    version: "v2",
    plugins: [
      {
        local: join(root, "node_modules/.bin/protoc-gen-es"),
        out,
        opt: ["target=ts", "import_extension=js"],
      },
    ],
  });
  execFileSync(
    join(root, "node_modules/.bin/buf"),
    ["generate", "--template", template, "proto"],
    { cwd: dir, stdio: "inherit" },
  );
  const gen = join(dir, "src/gen");
  if (check) {
    const same =
      JSON.stringify(files(out)) === JSON.stringify(files(gen)) &&
      files(out).every((file) =>
        readFileSync(join(out, file)).equals(readFileSync(join(gen, file))),
      );
    if (!same) {
      console.error(`packages/${name}/src/gen is stale: run npm run generate`);
      stale += 1;
    }
  } else {
    rmSync(gen, { recursive: true, force: true });
    cpSync(out, gen, { recursive: true });
  }
  rmSync(out, { recursive: true, force: true });
}
if (stale > 0) process.exit(1);
console.log(`${check ? "fresh" : "generated"}: ${packages.join(", ")}`);
