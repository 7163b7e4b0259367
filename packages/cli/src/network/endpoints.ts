import { createConnection } from "node:net";
import { join } from "node:path";
import { CliError } from "../cli-error.js";
import type { Home } from "../profile/home.js";
import { readPrivateFile } from "../profile/private-file.js";
import { hint } from "../terminal/hint.js";

/** Where `carryover dev` serves. */
export interface DevEndpoints {
  readonly networkUrl: string;
  readonly networkWebUrl: string;
  readonly storageUrl: string;
  readonly pid: number;
}

/** Where nothing else is said: what `env: "local"` of the SDKs uses, and the next one. */
export const defaultPorts = {
  grpc: 5556,
  grpcWeb: 5557,
  storage: 5558,
  web: 5559,
} as const;

/** The file in which `carryover dev` says where it serves, or served last. */
export const endpointsFile = (home: Home): string =>
  join(home.devDirectory, "endpoints.json");

/** What the last `carryover dev` of this home said; `undefined` when there was none. */
export async function readDevEndpoints(
  home: Home,
): Promise<DevEndpoints | undefined> {
  const text = await readPrivateFile(endpointsFile(home));
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (
      typeof parsed === "object" &&
      parsed !== null &&
      "networkUrl" in parsed &&
      "networkWebUrl" in parsed &&
      "storageUrl" in parsed &&
      "pid" in parsed &&
      typeof parsed.networkUrl === "string" &&
      typeof parsed.networkWebUrl === "string" &&
      typeof parsed.storageUrl === "string" &&
      typeof parsed.pid === "number"
    )
      return {
        networkUrl: parsed.networkUrl,
        networkWebUrl: parsed.networkWebUrl,
        storageUrl: parsed.storageUrl,
        pid: parsed.pid,
      };
  } catch {
    // Half a file is what a crash leaves: as good as none.
  }
  return undefined;
}

/**
 * Looks whether anything listens at a URL's host and port.
 *
 * @param timeoutMs - how long to wait for the connection
 */
export async function isListening(
  url: string,
  timeoutMs = 3_000,
): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = createConnection({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
      timeout: timeoutMs,
    });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => {
      settle(true);
    });
    socket.once("timeout", () => {
      settle(false);
    });
    socket.once("error", () => {
      settle(false);
    });
  });
}

/** @throws {CliError} `networkNotReachable` */
export async function requireNetwork(url: string): Promise<void> {
  if (!(await isListening(url))) throw networkAbsent(url);
}

/**
 * That the network does not answer, and what to do about it.
 *
 * @param url - of a local network; a public one says nothing else than its name
 */
export const networkAbsent = (
  url: string,
  place: "here" | "public" = "here",
  options?: ErrorOptions,
) =>
  new CliError(
    "networkNotReachable",
    `the XMTP network does not answer at ${new URL(url).origin}`,
    place === "here"
      ? `Nothing was changed. Start the local one with "${hint("dev")}" in another terminal, then run this again.`
      : "Nothing was changed. Run this again when you are online.",
    options,
  );

/** @throws {CliError} `storageNotReachable` */
export async function requireStorage(url: string): Promise<void> {
  if (await isListening(url)) return;
  throw new CliError(
    "storageNotReachable",
    `the storage service does not answer at ${new URL(url).origin}`,
    `Nothing was changed. Start the local one with "${hint("dev")}" in another terminal, or name another with --storage-url, then run this again.`,
  );
}

/**
 * @returns the URL, without a slash at its end
 * @throws {CliError} `usage`
 */
export function parseUrl(option: string, text: string): string {
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (
      ["http:", "https:"].includes(url.protocol) &&
      url.username === "" &&
      url.password === "" &&
      url.search === "" &&
      url.hash === ""
    )
      return url.href.replace(/\/+$/, "");
  }
  throw new CliError(
    "usage",
    `${option} is not an http or https address`,
    "Give it as https://host or http://localhost:5558. Nothing was changed.",
  );
}
