import { CarryoverError } from "@carryover/client";
import type { NetworkOptions } from "@xmtp/browser-sdk";
import type { XmtpClient } from "../sdk-values.js";

/** Which XMTP network: as for `Client.create`, `env` and what overrides it. */
export type XmtpNetwork = NetworkOptions &
  Required<Pick<NetworkOptions, "env">>;

/** Those whose node's calls are known, one by one, to read or to write. */
const knownEnvironments: ReadonlySet<string> = new Set([
  "local",
  "dev",
  "production",
]);

/** Whether it is known of every call on a network what it does. */
export function isNetworkKnown({ env, gatewayHost }: XmtpNetwork): boolean {
  return gatewayHost === undefined && isEnvironmentKnown(env);
}

/** Whether it is one of those that have a node. */
export function isEnvironmentKnown(
  environment: string,
): environment is XmtpNetwork["env"] {
  return knownEnvironments.has(environment);
}

/** @throws {CarryoverError} `invalidOption` */
export function assertNetworkIsKnown(network: XmtpNetwork): void {
  if (!isNetworkKnown(network))
    throw new CarryoverError(
      "invalidOption",
      "network: Backup Account Files need a node: env local, dev or production, and no gateway",
    );
}

/**
 * The network that a client is on.
 *
 * @returns `undefined` for a client that was made with a backend, which does not say
 */
export function networkOf({
  env,
  options,
}: XmtpClient): XmtpNetwork | undefined {
  if (env === undefined || (options !== undefined && "backend" in options))
    return undefined;
  const { apiUrl, gatewayHost, appVersion } = options ?? {};
  return {
    env: env,
    ...(apiUrl !== undefined && { apiUrl }),
    ...(gatewayHost !== undefined && { gatewayHost }),
    ...(appVersion !== undefined && { appVersion }),
  };
}
