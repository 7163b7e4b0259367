import { describe, expect, it } from "vitest";
import { ConfigError, parseConfig } from "./parse-config.js";

const good = {
  environment: "local",
  networkUrl: "http://127.0.0.1:5557",
  storageOrigins: ["http://localhost:5558", "https://backups.example.org"],
};

const parse = (value: unknown) => parseConfig(JSON.stringify(value));

describe("config.json", () => {
  it("is read", () => {
    expect(parse(good)).toEqual(good);
    expect(parse({ environment: "production", storageOrigins: [] })).toEqual({
      environment: "production",
      networkUrl: undefined,
      storageOrigins: [],
    });
  });

  it.each<[string, unknown, string]>([
    ["another network", { ...good, environment: "test" }, "environment"],
    ["no network", { storageOrigins: [] }, "environment"],
    ["no list", { environment: "dev" }, "storageOrigins"],
    ["a slip", { ...good, storageOrigin: [] }, "storageOrigin "],
    ["a path", { ...good, storageOrigins: ["https://a.b/c"] }, "[0]"],
    ["plain http", { ...good, storageOrigins: ["http://a.b"] }, "[0]"],
    ["no address", { ...good, networkUrl: "example.org" }, "networkUrl"],
    ["a number", { ...good, networkUrl: 5557 }, "networkUrl"],
    ["a list", [], "object"],
  ])("with %s is refused", (_, value, says) => {
    expect(() => parse(value)).toThrow(ConfigError);
    expect(() => parse(value)).toThrow(says);
  });

  it("that is cut is refused", () => {
    expect(() => parseConfig('{"environment"')).toThrow("is no JSON");
  });
});
