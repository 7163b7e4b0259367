import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createLocalNetwork,
  type LocalNetwork,
} from "@carryover/local-network";

/** A local network of a test's own, and everything that has to be cleaned up after it. */
export interface TestNetwork {
  /** The network itself: faults to inject, and its record of calls. */
  readonly network: LocalNetwork;
  /** For `apiUrl` of the Node SDK. */
  readonly apiUrl: string;
  /** A fresh private directory, gone after `close`. */
  temporaryDirectory(): Promise<string>;
  /** Runs work at `close`, the latest first. */
  onClose(work: () => Promise<unknown>): void;
  /** Closes clients, network and everything else, and removes the directories. */
  close(): Promise<void>;
}

/** Starts an XMTP network in memory on free ports. */
export async function createTestNetwork(): Promise<TestNetwork> {
  const network = await createLocalNetwork({ grpcPort: 0, grpcWebPort: 0 });
  const cleanUp: (() => Promise<unknown>)[] = [];
  return {
    network,
    apiUrl: network.grpcUrl,
    temporaryDirectory: async () => {
      const path = await mkdtemp(join(tmpdir(), "carryover-test-"));
      cleanUp.push(() => rm(path, { recursive: true, force: true }));
      return path;
    },
    onClose: (work) => {
      cleanUp.push(work);
    },
    close: async () => {
      // A test may have left the network unreachable: clients close faster when they can say goodbye.
      network.faults.clear();
      const problems: unknown[] = [];
      for (const work of cleanUp.splice(0).reverse())
        await work().catch((error: unknown) => problems.push(error));
      await network.close();
      if (problems.length > 0)
        throw new AggregateError(problems, "clean-up failed");
    },
  };
}
