import type { XmtpNetwork } from "@carryover/xmtp-browser";
import type { AppConfig } from "../../config/parse-config.js";

/** What the site's settings say of the network, for calls. */
export const networkOfConfig = ({
  environment,
  networkUrl,
}: AppConfig): XmtpNetwork => ({
  env: environment,
  ...(networkUrl !== undefined && { apiUrl: networkUrl }),
});
