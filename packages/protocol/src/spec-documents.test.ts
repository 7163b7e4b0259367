import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import {
  backupChannelMarker,
  backupMessageContentType,
  maxBackupMessageBytes,
} from "./content-type.js";
import { fallbackText } from "./fallback.js";
import { file_xip31_v1_xip31 } from "./gen/xip31/v1/xip31_pb.js";
import * as protocol from "./index.js";
import { samplePayloads } from "./testing/samples.js";

const root = new URL("../../../", import.meta.url);
const read = (path: string) =>
  readFile(fileURLToPath(new URL(path, root)), "utf8");

let wire: string;
let glossary: string;
beforeAll(async () => {
  [wire, glossary] = await Promise.all([
    read("docs/spec/wire.md"),
    read("docs/spec/glossary.md"),
  ]);
});

describe("docs/spec/wire.md", () => {
  it("names each field of the schema with its number", () => {
    const missing = file_xip31_v1_xip31.messages
      .filter(({ name }) => !["DirectMessage", "EdDsaSignature"].includes(name))
      .flatMap((message) => message.fields)
      .filter(({ name, number }) => {
        const row = new RegExp(`^\\| ${number} +\\| \`${name}\``, "m");
        const inProse = wire.includes(`\`${name}\` (${number})`);
        return !row.test(wire) && !inProse;
      })
      .map((field) => field.toString());
    expect(missing).toEqual([]);
  });

  it("names each message of the schema", () => {
    for (const { name } of file_xip31_v1_xip31.messages)
      expect(wire).toContain(`\`${name}\``);
  });

  it("quotes constants and fallback texts as they are", () => {
    for (const { kind } of Object.values(samplePayloads))
      expect(wire).toContain(`| ${fallbackText(kind)} `);
    expect(wire).toContain(`\`${backupChannelMarker}\``);
    expect(wire).toContain(`\`${backupMessageContentType.authorityId}\``);
    expect(wire).toContain(`\`${backupMessageContentType.typeId}\``);
    expect(wire).toContain(maxBackupMessageBytes.toLocaleString("en"));
  });

  it("names each error code", async () => {
    const source = await read("packages/protocol/src/errors.ts");
    const codes = [...source.matchAll(/^ {2}\| "(\w+)"/gm)].map(([, c]) => c);
    expect(codes).toHaveLength(6);
    for (const code of codes) expect(wire).toMatch(`| \`${code}\``);
  });

  it("points to files that are there", () => {
    const paths = [...wire.matchAll(/`([a-z-]+\/src\/[^`]+\.ts)`/g)].map(
      ([, path]) => `packages/${path}`,
    );
    expect(paths.length).toBeGreaterThan(40);
    expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual(
      [],
    );
  });
});

it("links between the documents of the wire format lead somewhere", () => {
  const links = [...wire.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
    .map(([, target]) => target ?? "")
    .filter((target) => !target.startsWith("https://"));
  expect(links.length).toBeGreaterThan(3);
  const specs = new URL("docs/spec/", root);
  expect(links.filter((link) => !existsSync(new URL(link, specs)))).toEqual([]);

  const headings = [...wire.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, "")
      .replaceAll(" ", "-"),
  );
  const anchors = [...wire.matchAll(/\]\(#([^)]+)\)/g)].map(([, id]) => id);
  expect(anchors.filter((id) => !headings.includes(id ?? ""))).toEqual([]);
  // From state-machines.md and the vectors.
  expect(headings).toContain("message-history-backup-response");
  expect(headings).toContain("errors");
});

it("docs/spec/glossary.md names the words of the public API", () => {
  const words = [
    ...Object.keys(protocol).filter((name) =>
      /^(parse|verify)[A-Z]/.test(name),
    ),
  ].filter((name) => !/Id$|AppName|StorageUrl|TypedPin|Signature$/.test(name));
  expect(words.length).toBeGreaterThan(3);
  expect(words.filter((word) => !glossary.includes(`\`${word}\``))).toEqual([]);
});
