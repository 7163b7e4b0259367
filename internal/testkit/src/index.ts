export { createNetworkLink, type NetworkLink } from "./network-link.js";
export {
  createPerson,
  type InstallationOptions,
  newInstallation,
  type Person,
  type TestClient,
} from "./person.js";
export { createTestNetwork, type TestNetwork } from "./test-network.js";
export { waitFor, type WaitOptions } from "./wait-for.js";
