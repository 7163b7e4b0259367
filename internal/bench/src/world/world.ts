import { randomBytes } from "node:crypto";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createLocalNetwork } from "@carryover/local-network";
import { createStorageProvider } from "@carryover/storage-provider";
import { temporaryDirectory } from "@carryover/testkit";
import { type HttpTraffic, httpTraffic } from "./http-traffic.js";
import { startOfficialUploadServer } from "./official-upload-server.js";

/** Bytes since the start of a world. */
export interface WorldTraffic {
  http: HttpTraffic;
  /** Between the clients and the network. */
  grpcBytes: number;
}

/** A network and both kinds of storage, as everything starts from. */
export interface World {
  apiUrl: string;
  /** Of a Backup Storage Provider. */
  storageUrl: string;
  /** Of a server for the SDK's own device sync. */
  uploadUrl: string;
  /** Makes an empty directory, or a copy of one. */
  directory(name: string, copyOf?: string): Promise<string>;
  /** Where the network keeps everything: to be copied after `close`. */
  networkDirectory: string;
  /** Additions of installations to conversations, so far. */
  welcomesSent(): number;
  traffic(): WorldTraffic;
  /** Stops the servers; the directories stay. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Starts one.
 *
 * @param networkCopyOf - directory of a network that this one goes on from
 */
export async function startWorld(networkCopyOf?: string): Promise<World> {
  const root = await temporaryDirectory();
  const directory = async (name: string, copyOf?: string) => {
    const path = join(root.path, name);
    if (copyOf === undefined) await mkdir(path, { mode: 0o700 });
    else await cp(copyOf, path, { recursive: true });
    return path;
  };
  const networkDirectory = await directory("network", networkCopyOf);
  const network = await createLocalNetwork({
    grpcPort: 0,
    grpcWebPort: 0,
    directory: networkDirectory,
  });
  const storage = await createStorageProvider({
    directory: await directory("storage"),
    authorization: { mode: "open" },
    ticketSecret: randomBytes(32),
    closeGraceMs: 0,
  });
  const upload = await startOfficialUploadServer(await directory("upload"));
  const stop = async () => {
    await upload.close();
    await storage.close();
    await network.close();
  };
  return {
    apiUrl: network.grpcUrl,
    storageUrl: storage.url,
    uploadUrl: upload.url,
    directory,
    networkDirectory,
    welcomesSent: () => network.calls.count({ method: "SendWelcomeMessages" }),
    traffic: () => {
      const grpc = network.traffic();
      const [ours, theirs] = [
        httpTraffic(storage.url),
        httpTraffic(upload.url),
      ];
      return {
        http: {
          receivedBytes: ours.receivedBytes + theirs.receivedBytes,
          sentBytes: ours.sentBytes + theirs.sentBytes,
        },
        grpcBytes: grpc.receivedBytes + grpc.sentBytes,
      };
    },
    stop,
    remove: () => root.remove(),
  };
}
