import { delimiter } from "node:path";
import { describe, expect, it } from "vitest";
import { commandLineOf, homeOption, type HowStarted } from "./hint.js";

const started = (
  file: string,
  how: Partial<Omit<HowStarted, "argv">> & { there?: string } = {},
) =>
  commandLineOf({
    argv: ["/usr/bin/node", file, "inbox"],
    environment: how.environment ?? {},
    directory: how.directory ?? "/home/alix/checkout",
    exists: (path) => path === how.there,
  });

const checkout = "/home/alix/checkout";
const bin = `${checkout}/node_modules/.bin/carryover`;
const main = `${checkout}/packages/cli/dist/main.js`;
const path = (...directories: string[]) => ({
  PATH: directories.join(delimiter),
});

describe("what to type to start this command again", () => {
  it.each([
    ["npm/10.8.2 node/v20.20.0 linux x64 workspaces/true", "npx carryover"],
    ["pnpm/9.1.0 npm/? node/v20.20.0 linux x64", "pnpm exec carryover"],
    ["yarn/1.22.22 npm/? node/v20.20.0 linux x64", "yarn carryover"],
    ["bun/1.1.0 npm/? node/v20.20.0 linux x64", "bunx carryover"],
  ])("is what its package manager was told: %s", (agent, line) => {
    const environment = {
      ...path(`${checkout}/node_modules/.bin`, "/usr/bin"),
      npm_config_user_agent: agent,
    };
    expect(started(bin, { environment })).toBe(line);
  });

  it("is npx for a package's own program that nobody has in the path", () => {
    expect(started(bin, { environment: path("/usr/bin") })).toBe(
      "npx carryover",
    );
  });

  it("is its name where it is installed, also while npm runs something", () => {
    const installed = path("/usr/bin", "/usr/local/bin");
    const file = "/usr/local/bin/carryover";
    expect(started(file, { environment: installed })).toBe("carryover");
    const environment = { ...installed, npm_config_user_agent: "npm/10.8.2" };
    expect(started(file, { environment })).toBe("carryover");
    expect(
      started(bin, { environment: path(`${checkout}/node_modules/.bin`) }),
    ).toBe("carryover");
  });

  it("is npx in a checkout, also below its root and after npm start", () => {
    expect(started(main, { there: bin })).toBe("npx carryover");
    expect(
      started(main, { there: bin, directory: `${checkout}/docs/guide` }),
    ).toBe("npx carryover");
    const environment = { INIT_CWD: checkout, npm_lifecycle_event: "start" };
    expect(started(main, { there: bin, environment })).toBe("npx carryover");
  });

  it("is the file itself where npx would not find it", () => {
    expect(started(main, { there: bin, directory: "/tmp" })).toBe(
      `node ${main}`,
    );
    expect(
      started(main, { there: bin, environment: { INIT_CWD: "/tmp" } }),
    ).toBe(`node ${main}`);
    expect(started("/opt/carryover/main.js", { directory: "/opt" })).toBe(
      "node carryover/main.js",
    );
    expect(started("/opt/it's here/main.js", { directory: "/tmp" })).toBe(
      `node '/opt/it'\\''s here/main.js'`,
    );
  });
});

describe("the home that was named", () => {
  it("is named again", () => {
    expect(homeOption(["node", "x", "inbox", "--home", "/a/b"])).toBe(
      " --home /a/b",
    );
    expect(homeOption(["node", "x", "inbox", "--home=my home"])).toBe(
      " --home 'my home'",
    );
  });

  it("is not named where it was not, or is missing", () => {
    expect(homeOption(["node", "x", "inbox"])).toBe("");
    expect(homeOption(["node", "x", "inbox", "--home"])).toBe("");
  });
});
