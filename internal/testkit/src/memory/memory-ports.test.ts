import { describeScratchContract } from "../contracts/scratch.js";
import { describeStateStoreContract } from "../contracts/state-store.js";
import { createMemoryScratch } from "./memory-scratch.js";
import { createStateMemory } from "./memory-state-store.js";

const nothingToClose = async () => undefined;

describeStateStoreContract("memory", async () => {
  const memory = createStateMemory();
  return { open: () => memory.open(), close: nothingToClose };
});

describeScratchContract("memory", async () => {
  const files = new Map<string, Uint8Array>();
  return {
    open: async () => createMemoryScratch(files),
    close: nothingToClose,
  };
});
