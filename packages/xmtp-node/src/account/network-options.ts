import { CarryoverError } from "@carryover/client";
import { ApiUrls, type NetworkOptions } from "@xmtp/node-sdk";
import type { XmtpClient } from "../sdk-values.js";

/** Which XMTP network: as for `Client.create`, `env` and what overrides it. */
export type XmtpNetwork = NetworkOptions &
  Required<Pick<NetworkOptions, "env">>;

/** The network that a client is on. */
export function networkOf({ env, options }: XmtpClient): ClientNetwork {
  if (options !== undefined && "backend" in options)
    return { backend: options.backend };
  const { apiUrl, gatewayHost, appVersion } = options ?? {};
  return {
    env,
    ...(apiUrl !== undefined && { apiUrl }),
    ...(gatewayHost !== undefined && { gatewayHost }),
    ...(appVersion !== undefined && { appVersion }),
  };
}

/** What a client's options say of its network. */
export type ClientNetwork =
  | XmtpNetwork
  | {
      backend: Extract<
        NonNullable<XmtpClient["options"]>,
        { backend: unknown }
      >["backend"];
    };

/**
 * The one address at which a network's node is reached.
 *
 * @throws {CarryoverError} `invalidOption` where there is none: behind a gateway, or a backend that does not say
 */
export function nodeUrlOf(network: ClientNetwork): string {
  if (!("backend" in network) && network.gatewayHost === undefined) {
    const urls: Partial<Record<string, string>> = ApiUrls;
    const url = network.apiUrl ?? urls[network.env];
    if (url !== undefined) return url;
  }
  throw new CarryoverError(
    "invalidOption",
    "network: Backup Account Files need the address of a node: make the client with env or apiUrl",
  );
}
