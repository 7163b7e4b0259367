import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import {
  edgesOf,
  renderDiagram,
  renderTable,
  statesOf,
} from "../testing/machine-facts.js";
import type { Machine } from "./machine.js";
import { providerMachine } from "./provider-machine.js";
import { requesterMachine } from "./requester-machine.js";

type AnyMachine = Machine<string, string, string, string>;

const path = fileURLToPath(
  new URL("../../../../docs/spec/state-machines.md", import.meta.url),
);

const blocks = {
  "requester diagram": renderDiagram(requesterMachine),
  "requester table": renderTable(requesterMachine),
  "provider diagram": renderDiagram(providerMachine),
  "provider table": renderTable(providerMachine),
};

/** The document with each block made anew. */
function refreshed(document: string): string {
  return Object.entries(blocks).reduce((text, [name, block]) => {
    const begin = `<!-- ${name}: begin -->`;
    const end = `<!-- ${name}: end -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`no block "${name}"`);
    return `${text.slice(0, from)}${begin}\n\n${block}\n\n${text.slice(to)}`;
  }, document);
}

it("shows the tables as they are (npm run diagrams --workspace packages/protocol)", async () => {
  const document = await readFile(path, "utf8");
  await expect(refreshed(document)).toMatchFileSnapshot(path);
});

it("names every state and event in its prose", async () => {
  const document = await readFile(path, "utf8");
  const [requester = "", provider = ""] = document
    .slice(document.indexOf("## Requester"))
    .split("## Provider");
  const missing = (machine: AnyMachine, text: string) =>
    [
      ...statesOf(machine),
      ...edgesOf(machine).map(({ event }) => event),
    ].filter(
      (word) => !new RegExp(`^\\| \`${word}\` +\\| [a-z]`, "m").test(text),
    );
  expect(missing(requesterMachine, requester)).toEqual([]);
  expect(missing(providerMachine, provider)).toEqual([]);
});
