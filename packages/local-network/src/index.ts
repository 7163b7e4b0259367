export { type Clock, systemClock } from "./clock.js";
export { LocalNetworkError, type LocalNetworkErrorCode } from "./errors.js";
export {
  createLocalNetwork,
  type LocalNetwork,
  type LocalNetworkOptions,
} from "./local-network.js";
