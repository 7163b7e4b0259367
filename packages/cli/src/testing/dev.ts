import { keptPort, waitFor } from "@carryover/testkit";
import type { Finished, TestHome } from "./command.js";

/** Where a `carryover dev` is. */
export interface DevPlaces {
  readonly networkUrl: string;
  readonly networkWebUrl: string;
  readonly storageUrl: string;
}

/** A running `carryover dev`. */
export interface Dev extends DevPlaces {
  stop(signal: "SIGINT" | "SIGTERM"): Promise<Finished>;
}

/** Places for one that stops and comes back: nobody else gets their ports meanwhile. */
export async function placesToComeBackTo(): Promise<DevPlaces> {
  const place = async () => `http://127.0.0.1:${await keptPort()}`;
  return {
    networkUrl: await place(),
    networkWebUrl: await place(),
    storageUrl: await place(),
  };
}

/** Starts `carryover dev` on free ports, or in places of a test's choice. */
export async function startDev(
  home: TestHome,
  places?: DevPlaces,
): Promise<Dev> {
  const portOf = (url: string | undefined) =>
    url === undefined ? "0" : new URL(url).port;
  const running = home.start([
    "dev",
    "--json",
    "--no-web-app",
    "--grpc-port",
    portOf(places?.networkUrl),
    "--grpc-web-port",
    portOf(places?.networkWebUrl),
    "--storage-port",
    portOf(places?.storageUrl),
  ]);
  const line = await waitFor("dev to listen", () => {
    const [first, ...rest] = running.stdout().split("\n");
    if (running.child.exitCode !== null)
      throw new Error(`dev ended: ${running.stdout()}`);
    return rest.length > 0 ? first : undefined;
  });
  const listening = JSON.parse(line) as DevPlaces;
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
