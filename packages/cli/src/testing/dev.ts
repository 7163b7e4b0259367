import { waitFor } from "@carryover/testkit";
import type { Finished, TestHome } from "./command.js";

/** A running `carryover dev`. */
export interface Dev {
  readonly networkUrl: string;
  readonly networkWebUrl: string;
  readonly storageUrl: string;
  stop(signal: "SIGINT" | "SIGTERM"): Promise<Finished>;
}

/** Starts `carryover dev` on free ports, or on the ports of an earlier one. */
export async function startDev(home: TestHome, earlier?: Dev): Promise<Dev> {
  const portOf = (url: string | undefined) =>
    url === undefined ? "0" : new URL(url).port;
  const running = home.start([
    "dev",
    "--json",
    "--no-web-app",
    "--grpc-port",
    portOf(earlier?.networkUrl),
    "--grpc-web-port",
    portOf(earlier?.networkWebUrl),
    "--storage-port",
    portOf(earlier?.storageUrl),
  ]);
  const line = await waitFor("dev to listen", () => {
    const [first, ...rest] = running.stdout().split("\n");
    if (running.child.exitCode !== null)
      throw new Error(`dev ended: ${running.stdout()}`);
    return rest.length > 0 ? first : undefined;
  });
  const listening = JSON.parse(line) as Pick<
    Dev,
    "networkUrl" | "networkWebUrl" | "storageUrl"
  >;
  return {
    networkUrl: listening.networkUrl,
    networkWebUrl: listening.networkWebUrl,
    storageUrl: listening.storageUrl,
    stop: (signal) => {
      running.child.kill(signal);
      return running.finished;
    },
  };
}
