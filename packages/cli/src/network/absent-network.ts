import { createServer, type ServerHttp2Session } from "node:http2";
import {
  answerWithoutNetwork,
  type KnownAccount,
} from "@carryover/xmtp-shared/known-account";
import { CliError } from "../cli-error.js";

/** What stands in for a network that cannot be reached. */
export interface AbsentNetwork {
  /** For a client's `apiUrl`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The SDK asks the network two things before it opens a database: which inbox a wallet belongs to, and what is new about
 * that inbox. This answers the first with what is known here, the second with nothing, and says of everything else that
 * the network cannot be reached: a client on it can read what it has, and nothing that it does looks as if it was sent.
 *
 * @throws {CliError} `networkNotReachable` when no port can be had
 */
export async function standInForNetwork(
  account: KnownAccount,
): Promise<AbsentNetwork> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream, { ":path": path = "" }) => {
    // Whoever went away is not told of it.
    stream.on("error", () => undefined);
    stream.resume();
    const answer = answerWithoutNetwork(path, account);
    const headers = { ":status": 200, "content-type": "application/grpc" };
    if (answer === undefined) {
      stream.respond(
        {
          ...headers,
          "grpc-status": unavailable,
          "grpc-message": "the network cannot be reached",
        },
        { endStream: true },
      );
      return;
    }
    stream.respond(headers, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": ok }));
    stream.end(framed(answer));
  });
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (cause?: unknown) => {
      reject(
        new CliError(
          "networkNotReachable",
          "no address of this machine can be listened on",
          "Nothing was changed. Run it again when the network answers.",
          { cause },
        ),
      );
    };
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") fail();
      else resolve(address.port);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Status codes of gRPC. */
const ok = "0";
const unavailable = "14";

/** A message as gRPC sends it: not compressed, and its length before it. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
