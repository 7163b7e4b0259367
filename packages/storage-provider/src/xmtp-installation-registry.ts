import type { InstallationRegistry } from "./installation-proof.js";
import { StorageProviderError } from "./storage-provider-error.js";

const readTimeoutMs = 15_000;

/**
 * Reads inboxes from the XMTP network with the official SDK, without an installation of its own.
 *
 * @param network `local`, `dev` or `production`, and the address of a node where it is not the network's own
 * @throws StorageProviderError `settings-invalid` where the SDK is not installed or does not load here; `unavailable`
 *   where the network cannot be reached
 */
export async function createXmtpInstallationRegistry(network: {
  readonly env: "local" | "dev" | "production";
  readonly apiUrl?: string;
}): Promise<InstallationRegistry> {
  const { Client, createBackend } = await loadSdk();
  const connect = () =>
    createBackend({
      env: network.env,
      ...(network.apiUrl === undefined ? {} : { apiUrl: network.apiUrl }),
    });
  let backend: ReturnType<typeof connect> | undefined;
  const read = async (inboxId: string): Promise<ReadonlySet<string>> => {
    // One connection serves until it fails; the next call makes another.
    backend ??= connect();
    const connection = await backend;
    try {
      const states = await Client.fetchInboxStates([inboxId], connection);
      const state = states.find((each) => each.inboxId === inboxId);
      return new Set(state?.installations.map(({ id }) => id) ?? []);
    } catch (error) {
      // An inbox that does not exist is an error as well; only this call tells it from a network that cannot be read.
      const counts = await Client.fetchLatestInboxUpdatesCount(
        [inboxId],
        connection,
      );
      if ((counts.get(inboxId) ?? 0) > 0) throw error;
      return new Set();
    }
  };
  return {
    async verify(text, signature, installationId) {
      return Client.verifySignedWithPublicKey(
        text,
        signature,
        Buffer.from(installationId, "hex"),
      );
    },
    async liveInstallations(inboxId) {
      try {
        return await withTimeout(read(inboxId));
      } catch (cause) {
        backend = undefined;
        throw new StorageProviderError(
          "unavailable",
          "the XMTP network cannot be read",
          { cause, retryAfterSeconds: 10 },
        );
      }
    },
  };
}

async function loadSdk() {
  try {
    return await import("@xmtp/node-sdk");
  } catch (cause) {
    throw new StorageProviderError(
      "settings-invalid",
      "authorization installation: @xmtp/node-sdk is not installed (npm leaves it out before Node.js 22) or does not load here",
      { cause },
    );
  }
}

function withTimeout<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error("timed out"));
    }, readTimeoutMs);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
