import {
  createLocalNetwork,
  LocalNetworkError,
} from "@carryover/local-network";
import {
  createStorageProvider,
  type ProviderLogger,
  StorageProviderError,
} from "@carryover/storage-provider";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { CliError } from "../cli-error.js";
import {
  makePrivateDirectory,
  readPrivateFile,
  writePrivateFile,
} from "../profile/private-file.js";

/** A local XMTP network and a Backup Storage Provider, in this process. */
export interface DevServices {
  readonly networkUrl: string;
  readonly networkWebUrl: string;
  readonly storageUrl: string;
  /** Uploads that the storage service took so far. */
  uploadCount(): number;
  close(): Promise<void>;
}

/** Where {@link startDevServices} listens and stores. */
export interface DevServicesOptions {
  directory: string;
  /** 0 takes a free one. */
  ports: { grpc: number; grpcWeb: number; storage: number };
  logger?: ProviderLogger;
}

/** @throws {CliError} `portInUse`, `devRunning`, `dataUnreadable` */
export async function startDevServices(
  options: DevServicesOptions,
): Promise<DevServices> {
  const { directory, ports } = options;
  await makePrivateDirectory(directory);
  const network = await createLocalNetwork({
    grpcPort: ports.grpc,
    grpcWebPort: ports.grpcWeb,
    directory: join(directory, "network"),
  }).catch((error: unknown) => {
    throw explainNetwork(error, ports);
  });
  try {
    const storage = await createStorageProvider({
      directory: join(directory, "storage"),
      port: ports.storage,
      authorization: { mode: "open" },
      ticketSecret: await loadTicketSecret(join(directory, "ticket.secret")),
      closeGraceMs: 2_000,
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    }).catch((error: unknown) => {
      throw explainStorage(error, ports.storage);
    });
    return {
      networkUrl: network.grpcUrl,
      networkWebUrl: network.grpcWebUrl,
      storageUrl: storage.url,
      uploadCount: () =>
        storage.requests.filter(
          (request) =>
            request.method === "POST" &&
            request.route === "/backups" &&
            request.status === 201,
        ).length,
      async close() {
        // One that cannot end must not keep the other from storing what it has.
        const closed = await Promise.allSettled([
          storage.close(),
          network.close(),
        ]);
        for (const result of closed)
          if (result.status === "rejected") throw result.reason;
      },
    };
  } catch (error) {
    await network.close();
    throw error;
  }
}

/**
 * The secret that signs upload tickets: made at the first start, and kept so that tickets survive a restart.
 *
 * @returns 32 bytes
 */
export async function loadTicketSecret(path: string): Promise<Uint8Array> {
  const stored = (await readPrivateFile(path))?.trim();
  if (stored !== undefined && /^[0-9a-f]{64}$/.test(stored))
    return Uint8Array.from(Buffer.from(stored, "hex"));
  const secret = randomBytes(32);
  await writePrivateFile(path, `${secret.toString("hex")}\n`, "replace");
  return Uint8Array.from(secret);
}

function explainNetwork(
  error: unknown,
  ports: DevServicesOptions["ports"],
): unknown {
  if (!(error instanceof LocalNetworkError)) return error;
  switch (error.code) {
    case "portInUse":
    case "cannotListen":
      return new CliError(
        "portInUse",
        `port ${ports.grpc} or ${ports.grpcWeb} is in use`,
        "Nothing was started. If another carryover dev runs, use that one or stop it; or choose ports with --grpc-port and --grpc-web-port.",
        { cause: error },
      );
    case "directoryInUse":
      return new CliError(
        "devRunning",
        "another carryover dev uses this directory",
        "Nothing was started. Use that one, stop it, or choose another --directory.",
        { cause: error },
      );
    default:
      return new CliError("dataUnreadable", error.message, error.advice, {
        cause: error,
      });
  }
}

/** Turns what the storage service says at its start into words for a person. */
export function explainStorage(
  error: unknown,
  port: number | undefined,
): unknown {
  if (!(error instanceof StorageProviderError)) return error;
  switch (error.code) {
    case "unavailable":
      return new CliError(
        "portInUse",
        `port ${port ?? "of the storage service"} is in use`,
        "Nothing was started. Stop what uses it, or choose another port.",
        { cause: error },
      );
    case "settings-invalid":
      return new CliError(
        "usage",
        error.message,
        "Nothing was started. Correct the setting that the message names.",
        { cause: error },
      );
    default:
      return new CliError(
        "dataUnreadable",
        error.message,
        "Nothing was started. Look at the directory, or choose another one.",
        { cause: error },
      );
  }
}
