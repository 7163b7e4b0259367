import { Code, ConnectError } from "@connectrpc/connect";
import { type Clock, systemClock } from "./clock.js";
import { IdentityApi } from "./gen/xmtp/identity/api/v1/identity_pb.js";
import { MlsApi } from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { createIdentityService } from "./identity-service.js";
import { memoryJournal } from "./journal.js";
import { createMlsService } from "./mls-service.js";
import { startServers } from "./servers.js";
import { createStore } from "./store.js";

/** How to run a local network. */
export interface LocalNetworkOptions {
  /** gRPC over HTTP/2 cleartext; 0 takes any free port. Default 5556. */
  readonly grpcPort?: number;
  /** gRPC-web over HTTP/1.1; 0 takes any free port. Default 5557. */
  readonly grpcWebPort?: number;
  /** Default 127.0.0.1, which clients reach as `localhost` too. */
  readonly host?: string;
  readonly clock?: Clock;
}

/** A running XMTP V3 node, for development and tests only. */
export interface LocalNetwork {
  readonly grpcUrl: string;
  readonly grpcWebUrl: string;
  close(): Promise<void>;
}

/**
 * Starts a node.
 *
 * @throws LocalNetworkError `portInUse`, `cannotListen`
 */
export async function createLocalNetwork(
  options: LocalNetworkOptions = {},
): Promise<LocalNetwork> {
  const clock = options.clock ?? systemClock;
  const store = createStore(clock, memoryJournal);
  const shutdown = new AbortController();
  const servers = await startServers({
    host: options.host ?? "127.0.0.1",
    grpcPort: options.grpcPort ?? 5556,
    grpcWebPort: options.grpcWebPort ?? 5557,
    routes: (router) => {
      router.service(MlsApi, createMlsService(store, clock));
      router.service(IdentityApi, createIdentityService(store));
    },
    interceptors: [],
    shutdownSignal: shutdown.signal,
  });
  return {
    grpcUrl: servers.grpcUrl,
    grpcWebUrl: servers.grpcWebUrl,
    close: async () => {
      shutdown.abort(
        new ConnectError("service is shutting down", Code.Unavailable),
      );
      await servers.close();
      store.close();
    },
  };
}
