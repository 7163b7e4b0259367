export {
  bundleChildProgram,
  type ChildProgram,
  ended,
} from "./child-program.js";
export { createNetworkLink, type NetworkLink } from "./network-link.js";
export {
  createPerson,
  type InstallationOptions,
  newInstallation,
  type Person,
  type TestClient,
} from "./person.js";
export { keptPort } from "./kept-port.js";
export { createTestNetwork, type TestNetwork } from "./test-network.js";
export { waitFor, type WaitOptions } from "./wait-for.js";
export { createMemoryScratch } from "./memory/memory-scratch.js";
export {
  createStateMemory,
  type StateMemory,
} from "./memory/memory-state-store.js";
export { startStorageProvider, type TestStorage } from "./storage.js";
export {
  type TemporaryDirectory,
  temporaryDirectory,
} from "./temporary-directory.js";
export {
  findGroup,
  type PopulatedConversations,
  populateConversations,
  type WritableConversation,
  type WritableGroup,
  type WritingClient,
} from "./populate.js";
export {
  messageElement,
  seedHistory,
  type SeededMessage,
} from "./seed-history.js";
