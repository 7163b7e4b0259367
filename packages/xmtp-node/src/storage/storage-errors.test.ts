import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createStorageProviderClient } from "../storage-provider-client.js";
import { startRawServer } from "../testing/raw-server.js";

const token = "secret-ticket-0123456789";

test.each([
  ["no HTTP at all", (path: string) => `you asked for ${path}\r\n\r\n`],
  ["a broken header", (path: string) => `HTTP/1.1 200 OK\r\n${path}\r\n\r\n`],
  [
    "headers without end",
    (path: string) => `HTTP/1.1 200 OK\r\n${`x: ${path}\r\n`.repeat(50_000)}`,
  ],
])(
  "security rule 8: what a service repeats is not passed on with Node's own error: %s",
  async (_, answer) => {
    const server = await startRawServer((socket, received) => {
      const path = received().split(" ")[1] ?? "";
      expect(path).toContain(token);
      socket.end(answer(path));
    });
    try {
      const client = createStorageProviderClient({
        uploadSecret: new Uint8Array(32),
      });
      const error: unknown = await client
        .download(`${server.url}/backups/${token}`, { fromByte: 0 })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        name: "CarryoverError",
        code: "storageRefused",
      });
      const everything = inspect(error, { depth: 20, showHidden: true });
      expect(everything).not.toContain(token);
      expect(everything).not.toContain(Buffer.from(token).toString("hex"));
    } finally {
      await server.close();
    }
  },
);
