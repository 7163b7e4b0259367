import type { NetworkOptions } from "@xmtp/node-sdk";
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
