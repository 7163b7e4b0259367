import { inspect } from "node:util";
import { expect } from "vitest";
import { createStorageProviderClient } from "../storage-provider-client.js";
import { type RawServer, startRawServer } from "./raw-server.js";

/** Stands in every address: it may be in no error. */
export const token = "secret-ticket-0123456789";
/** How long the client waits. */
export const limits = {
  connectTimeoutMs: 300,
  idleTimeoutMs: 300,
  answerTimeoutMs: 300,
  continueTimeoutMs: 50,
};

/** Servers that say whatever they like, the client that speaks to them, and every call of it. */
export function createHostileService() {
  const servers: RawServer[] = [];
  const start = async (speak: Parameters<typeof startRawServer>[0]) => {
    const server = await startRawServer(speak);
    servers.push(server);
    return server;
  };
  const answering = (text: string) => start((socket) => socket.end(text));
  const client = createStorageProviderClient({
    uploadSecret: new Uint8Array(32),
    limits,
  });

  const smallFile = () => new Blob(["the history"]).stream();
  const calls = {
    obtainUploadAuthorization: ({ url }: RawServer) =>
      client.obtainUploadAuthorization(`${url}/${token}`),
    upload: ({ url }: RawServer) =>
      client.upload(`${url}/backups?ticket=${token}`, smallFile()),
    findUpload: ({ url }: RawServer) =>
      client.findUpload(`${url}/backups?ticket=${token}`),
    download: async ({ url }: RawServer) => {
      const { body } = await client.download(`${url}/backups/${token}`, {
        fromByte: 0,
      });
      return await new Response(body).text();
    },
    deleteBackup: ({ url }: RawServer) =>
      client.deleteBackup({
        url: `${url}/backups/${token}`,
        receiptKey: token,
      }),
  };

  /** What the call rejects with; nothing in it, its cause or their members may hold the token. */
  const failureOf = async (work: Promise<unknown>) => {
    let caught: unknown;
    try {
      await work;
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: "CarryoverError" });
    const everything = inspect(caught, { depth: 20, showHidden: true });
    expect(everything).not.toContain(token);
    expect(everything).not.toContain(Buffer.from(token).toString("hex"));
    return caught as Error & { code: string };
  };

  return {
    start,
    answering,
    client,
    smallFile,
    calls,
    failureOf,
    close: async () => {
      for (const server of servers.splice(0)) await server.close();
    },
  };
}
