import { CarryoverError } from "@carryover/client";
import type { NetworkOptions } from "@xmtp/browser-sdk";
import type { XmtpClient } from "../sdk-values.js";

/** Which XMTP network: as for `Client.create`, `env` and what overrides it. */
export type XmtpNetwork = NetworkOptions &
  Required<Pick<NetworkOptions, "env">>;

/** Those whose node's calls are known, one by one, to read or to write. */
const knownEnvironments = new Set(["local", "dev", "production"]);

/**
 * Refuses a network on which it is not known what a call does.
 *
 * @throws {CarryoverError} `invalidOption`
 */
export function assertNetworkIsKnown({ env, gatewayHost }: XmtpNetwork): void {
  if (gatewayHost !== undefined || !knownEnvironments.has(env))
    throw new CarryoverError(
      "invalidOption",
      "network: Backup Account Files need a node: env local, dev or production, and no gateway",
    );
}

/**
 * The network that a client is on.
 *
 * @throws {CarryoverError} `invalidOption` for a client that was made with a backend, which does not say
 */
export function networkOf({ env, options }: XmtpClient): XmtpNetwork {
  if (env === undefined || (options !== undefined && "backend" in options))
    throw new CarryoverError(
      "invalidOption",
      "network: make the client with env or apiUrl, and not with a backend",
    );
  const { apiUrl, gatewayHost, appVersion } = options ?? {};
  return {
    env,
    ...(apiUrl !== undefined && { apiUrl }),
    ...(gatewayHost !== undefined && { gatewayHost }),
    ...(appVersion !== undefined && { appVersion }),
  };
}
