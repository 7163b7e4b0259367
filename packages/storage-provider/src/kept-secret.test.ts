import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keptTicketSecret } from "./kept-secret.js";
import { temporaryDirectory } from "./testing/provider-fixture.js";

test("a secret is made once, private, and is the same from start to start", async () => {
  const directory = join(await temporaryDirectory(), "not", "there");
  const secrets = await Promise.all(
    [1, 2, 3, 4].map(() => keptTicketSecret(directory)),
  );
  for (const secret of secrets) expect(secret).toEqual(secrets[0]);
  expect(secrets[0]).toHaveLength(32);
  expect(await keptTicketSecret(directory)).toEqual(secrets[0]);
  expect(readdirSync(directory)).toEqual(["ticket-secret"]);
  const path = join(directory, "ticket-secret");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8").trim()).toBe(
    Buffer.from(secrets[0] ?? []).toString("hex"),
  );
});

test.each(["", "zz", "ab".repeat(31)])(
  "a file that holds %j is named as damaged, and left alone",
  async (content) => {
    const directory = await temporaryDirectory();
    const path = join(directory, "ticket-secret");
    writeFileSync(path, content);
    const refused = await keptTicketSecret(directory).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "directory-unusable" });
    expect(String(refused)).toContain("ticket-secret");
    expect(readFileSync(path, "utf8")).toBe(content);
  },
);
