import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { encodeHeader, HEADER_START } from "./header/codec.js";
import { defaultLimits, scryptWorkFactors } from "./limits.js";
import { WALLET_STANZA } from "./protection/wallet-stanza.js";
import { measure, sampleDatabase, sampleHeader } from "./testing/samples.js";

const root = new URL("../../../", import.meta.url);
const read = (path: string) =>
  readFile(fileURLToPath(new URL(path, root)), "utf8");
const spec = await read("docs/spec/backup-account-file.md");

it("names each error code, and no other", async () => {
  const source = await read("packages/account-file/src/errors.ts");
  const codes = [...source.matchAll(/^ {2}\| "(\w+)"/gm)].map(([, c]) => c);
  expect(codes).toHaveLength(28);
  const section = spec.slice(
    spec.indexOf("## Errors"),
    spec.indexOf("## Dates and copies"),
  );
  const named = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
  expect(named.sort()).toEqual(codes.sort());
});

it("names each field of the header", () => {
  const line = new TextDecoder().decode(
    encodeHeader(sampleHeader, measure(sampleDatabase(50))),
  );
  const paths = (value: object, prefix: string): string[] =>
    Object.entries(value).flatMap(([name, each]: [string, unknown]) =>
      typeof each === "object" && each !== null
        ? paths(each, `${prefix}${name}.`)
        : [`${prefix}${name}`],
    );
  const written = paths(JSON.parse(line) as object, "");
  expect(written.length).toBeGreaterThan(15);
  expect(
    written.filter((path) => !new RegExp(`^\\| \`${path}\``, "m").test(spec)),
  ).toEqual([]);
});

it("quotes limits and constants as they are", () => {
  const limits: readonly [string, number][] = Object.entries(defaultLimits);
  for (const [name, limit] of limits) {
    const row = spec
      .split("\n")
      .find((each) => new RegExp(`\\| \`${name}\` +\\|$`).test(each));
    expect(row?.replaceAll(" ", ""), name).toContain(
      limit.toLocaleString("en"),
    );
  }
  const { min, max } = scryptWorkFactors;
  expect(spec.replaceAll("\n", " ")).toContain(
    `a work factor (log2 of N) from ${min} to ${max}; ${scryptWorkFactors.default} is the default`,
  );
  expect(spec).toContain(`\n${HEADER_START}\n`);
  expect(spec).toContain(`-> ${WALLET_STANZA} 1 `);
});

it("links to what is there", () => {
  const links = [...spec.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
    .map(([, target]) => target ?? "")
    .filter((target) => !target.startsWith("https://"));
  expect(links.length).toBeGreaterThan(2);
  const specs = new URL("docs/spec/", root);
  expect(links.filter((link) => !existsSync(new URL(link, specs)))).toEqual([]);
});
