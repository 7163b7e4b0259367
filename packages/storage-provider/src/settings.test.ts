import { expect, test } from "vitest";
import { readSettings } from "./settings.js";

const noFile = () => {
  throw new Error("no file");
};
const env = (values: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `CARRYOVER_STORAGE_${name}`,
      value,
    ]),
  );
const minimal = { DIRECTORY: "/x", AUTHORIZATION: "open" };
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toMatchObject({ code: "settings-invalid" });
    return error instanceof Error ? error.message : "";
  }
  throw new Error("nothing was thrown");
};

test("settings come from the environment and a file; the environment goes first", () => {
  const file = JSON.stringify({
    port: 1,
    publicUrl: "https://a.example",
    apiKeys: ["0123456789abcdef", "fedcba9876543210"],
    authorization: "apiKey",
  });
  expect(
    readSettings(
      {
        ...env({ PORT: "2", DIRECTORY: "/x", MAX_BYTES: "5GiB", HOST: "" }),
        PATH: "/bin",
      },
      file,
      noFile,
    ),
  ).toEqual({
    port: 2,
    publicUrl: "https://a.example",
    apiKeys: ["0123456789abcdef", "fedcba9876543210"],
    authorization: "apiKey",
    directory: "/x",
    maxBytes: 5 * 1024 ** 3,
  });
});

test("secrets can be kept in files", () => {
  const settings = readSettings(
    env({ ...minimal, TICKET_SECRET_FILE: "/run/secret" }),
    undefined,
    (path) => (path === "/run/secret" ? `${"ab".repeat(32)}\n` : ""),
  );
  expect(settings.ticketSecret).toEqual(Buffer.alloc(32, 0xab));
});

test.each([
  ["1", 1],
  ["10B", 10],
  ["1KB", 1_000],
  ["1.5 kb", 1_500],
  ["1KiB", 1_024],
  ["500MB", 500_000_000],
  ["2mib", 2 * 1024 ** 2],
  ["1TB", 1e12],
])("%s is %i bytes", (text, expected) => {
  expect(
    readSettings(env({ ...minimal, MAX_BYTES: text }), undefined, noFile)
      .maxBytes,
  ).toBe(expected);
});

test.each([
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PORT", "http"],
  ["PORT", "1e3"],
  ["MAX_BYTES", "0"],
  ["MAX_BYTES", "5 GBit"],
  ["MAX_BYTES", "many"],
  ["RETENTION_HOURS", "0"],
  ["TICKET_SECRET", "abcd"],
  ["AUTHORIZATION", "none"],
  ["OFFICIAL_CLIENTS", "yes"],
  ["NO_SUCH_THING", "1"],
  ["API_KEYS", "0123456789abcdef"],
  ["S3_ENDPOINT", "https://s3.example"],
  ["S3_ENDPOINT", "s3.example.com"],
  ["PUBLIC_URL", "storage.example"],
  ["PUBLIC_URL", "https://storage.example/?query"],
  ["TICKET_HOURS", "73"],
  ["TRUSTED_PROXIES", "not-an-address"],
  ["TRUSTED_PROXIES", "10.0.0.0/33"],
  ["TRUSTED_PROXIES", "10.0.0.1,10.0.0.0/8/8"],
  ["METRICS_TOKEN", "with a space"],
  ["XMTP_API_URL", "localhost:5556"],
  ["REDIS_URL", "http://localhost:6379"],
  ["TICKET_SECRET_FILE", "/nowhere"],
  ["PORT_FILE", "/nowhere"],
])("%s=%s is refused by its name, without its value", (name, value) => {
  const message = messageOf(() =>
    readSettings(env({ ...minimal, [name]: value }), undefined, noFile),
  );
  expect(message).toContain(
    `CARRYOVER_STORAGE_${name === "S3_ENDPOINT" && URL.canParse(value) ? "S3_BUCKET" : name}`,
  );
  if (value.length > 5) expect(message).not.toContain(`${value}`.slice(0, 12));
});

test.each(["short", "0123456789abcdef,short", "0123456789abc\u00e9f0"])(
  "API keys such as %s are refused",
  (keys) => {
    expect(
      messageOf(() =>
        readSettings(
          env({ ...minimal, AUTHORIZATION: "apiKey", API_KEYS: keys }),
          undefined,
          noFile,
        ),
      ),
    ).toContain("CARRYOVER_STORAGE_API_KEYS");
  },
);

test("proxies are addresses and ranges of both kinds", () => {
  const proxies = ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"];
  expect(
    readSettings(
      env({ ...minimal, TRUSTED_PROXIES: proxies.join(", ") }),
      undefined,
      noFile,
    ).trustedProxies,
  ).toEqual(proxies);
});

test("everything that is wrong is told at once", () => {
  const message = messageOf(() =>
    readSettings(env({ PORT: "x" }), '{"nope": 1, "host": {}}', noFile),
  );
  for (const part of [
    "nope",
    "host",
    "CARRYOVER_STORAGE_PORT",
    "CARRYOVER_STORAGE_DIRECTORY",
    "CARRYOVER_STORAGE_AUTHORIZATION",
  ]) {
    expect(message).toContain(part);
  }
});

test("S3 needs its keys and a shared secret, and no directory", () => {
  const message = messageOf(() =>
    readSettings(env({ ...minimal, S3_BUCKET: "b" }), undefined, noFile),
  );
  for (const name of [
    "DIRECTORY",
    "S3_ENDPOINT",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
    "TICKET_SECRET",
  ]) {
    expect(message).toContain(`CARRYOVER_STORAGE_${name}`);
  }
});

test.each(["", "[]", "1", "null", "{"])(
  "a file of %j is refused",
  (content) => {
    expect(
      messageOf(() => readSettings(env(minimal), content, noFile)),
    ).toContain("settings file");
  },
);

test("a size that no object of S3 can have is refused with S3, and not with a directory", () => {
  const s3 = {
    AUTHORIZATION: "open",
    S3_BUCKET: "b",
    S3_ENDPOINT: "https://s3.example",
    S3_ACCESS_KEY_ID: "a",
    S3_SECRET_ACCESS_KEY: "s",
    TICKET_SECRET: "00".repeat(32),
  };
  const read = (values: Record<string, string>) =>
    readSettings(env(values), undefined, noFile);
  expect(read({ ...s3, MAX_BYTES: "5TiB" }).maxBytes).toBe(5 * 1024 ** 4);
  expect(messageOf(() => read({ ...s3, MAX_BYTES: "5497558138881" }))).toBe(
    "CARRYOVER_STORAGE_MAX_BYTES: expected at most 5TiB with CARRYOVER_STORAGE_S3_BUCKET, the largest object of S3",
  );
  expect(read({ ...minimal, MAX_BYTES: "6TiB" }).maxBytes).toBe(6 * 1024 ** 4);
});
