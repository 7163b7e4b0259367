import { Code, ConnectError } from "@connectrpc/connect";
import { setMaxListeners } from "node:events";
import { createCallInterceptor } from "./call-interceptor.js";
import { type CallLog, createCallLog } from "./call-log.js";
import { type Clock, systemClock } from "./clock.js";
import { createConnections, type Traffic } from "./connections.js";
import { createFaults, type FaultInjection } from "./faults.js";
import { type FsyncPolicy, openFileJournal } from "./file-journal.js";
import { IdentityApi } from "./gen/xmtp/identity/api/v1/identity_pb.js";
import { MlsApi } from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { createIdentityService } from "./identity-service.js";
import { openMemoryJournal } from "./journal.js";
import { createMlsService } from "./mls-service.js";
import { type Servers, startServers } from "./servers.js";
import { createStore, type PruneReport } from "./store.js";

/** How to run a local network. */
export interface LocalNetworkOptions {
  /** gRPC over HTTP/2 cleartext; 0 takes any free port. Default 5556. */
  readonly grpcPort?: number;
  /** gRPC-web over HTTP/1.1; 0 takes any free port. Default 5557. */
  readonly grpcWebPort?: number;
  /** Default 127.0.0.1, which clients reach as `localhost` too. */
  readonly host?: string;
  /** Where to keep everything, made when it is not there; without it everything is gone after `close`. */
  readonly directory?: string;
  /** When what is kept is forced to the disk. Default `onClose`. */
  readonly fsync?: FsyncPolicy;
  readonly clock?: Clock;
}

/** Ages, in nanoseconds, from which things are removed. The defaults are those of the XMTP network. */
export interface RetentionAges {
  /** Messages that are not commits; default 30 days. Commits stay. */
  readonly applicationMessagesNs?: bigint;
  /** Default 90 days. */
  readonly welcomesNs?: bigint;
  /** Counted from an installation's first key package, as the real node does; default 90 days. */
  readonly keyPackagesNs?: bigint;
}

/** A running XMTP V3 node, for development and tests only. */
export interface LocalNetwork {
  /** For Node clients: their `apiUrl`. */
  readonly grpcUrl: string;
  /** For browser clients: their `apiUrl`. */
  readonly grpcWebUrl: string;
  readonly faults: FaultInjection;
  readonly calls: CallLog;
  /** Bytes over all connections so far. */
  traffic(): Traffic;
  /** Removes what the XMTP network would no longer have. Nothing is removed unless this is called. */
  prune(ages?: RetentionAges): PruneReport;
  /** Ends every stream and call, and keeps what is to be kept. Can be called again. */
  close(): Promise<void>;
}

const dayNs = 24n * 60n * 60n * 1_000_000_000n;

/**
 * Starts a node.
 *
 * @throws LocalNetworkError `portInUse`, `cannotListen`, `directoryInUse`, `corruptLog`, `storageFailed`
 */
export async function createLocalNetwork(
  options: LocalNetworkOptions = {},
): Promise<LocalNetwork> {
  const clock = options.clock ?? systemClock;
  const { directory, fsync = "onClose" } = options;
  const store = createStore(
    clock,
    directory === undefined
      ? openMemoryJournal
      : (apply) => openFileJournal(directory, fsync, apply),
  );
  const connections = createConnections();
  const calls = createCallLog(clock);
  const faults = createFaults(connections);
  const shutdown = new AbortController();
  // Every call that runs listens to it.
  setMaxListeners(0, shutdown.signal);
  let servers: Servers;
  try {
    servers = await startServers({
      host: options.host ?? "127.0.0.1",
      grpcPort: options.grpcPort ?? 5556,
      grpcWebPort: options.grpcWebPort ?? 5557,
      routes: (router) => {
        router.service(MlsApi, createMlsService(store, clock));
        router.service(IdentityApi, createIdentityService(store));
      },
      interceptors: [createCallInterceptor(calls, faults)],
      connections,
      shutdownSignal: shutdown.signal,
    });
  } catch (error) {
    store.close();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    shutdown.abort(
      new ConnectError("service is shutting down", Code.Unavailable),
    );
    await servers.close();
    store.close();
  };

  return {
    grpcUrl: servers.grpcUrl,
    grpcWebUrl: servers.grpcWebUrl,
    faults,
    calls,
    traffic: () => connections.traffic(),
    prune: (ages = {}) => {
      const now = clock.nowNs();
      return store.prune({
        applicationMessagesBeforeNs:
          now - (ages.applicationMessagesNs ?? 30n * dayNs),
        welcomesBeforeNs: now - (ages.welcomesNs ?? 90n * dayNs),
        keyPackagesBeforeNs: now - (ages.keyPackagesNs ?? 90n * dayNs),
      });
    },
    close: () => (closing ??= close()),
  };
}
