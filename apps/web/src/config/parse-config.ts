/** What the operator of a site decides: `config.json`, next to `index.html`. */
export interface AppConfig {
  /** Which XMTP network. */
  readonly environment: "local" | "dev" | "production";
  /** Another address of that network (gRPC-web). Absent: the one that the SDK knows. */
  readonly networkUrl: string | undefined;
  /** Origins of the Backup Storage Providers that history may be uploaded to. */
  readonly storageOrigins: readonly string[];
}

/** A `config.json` that will not do. The message names the member. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly advice =
    "This site is not set up correctly. Nothing was opened or sent. Tell whoever runs it what the line above says.";
}

const environments = ["local", "dev", "production"] as const;
const known = new Set(["environment", "networkUrl", "storageOrigins"]);

/**
 * Reads `config.json` strictly: a slip is an error at start, and not an upload to a wrong place.
 *
 * @param text - of the file
 * @throws {ConfigError}
 */
export function parseConfig(text: string): AppConfig {
  const members = parseObject(text);
  for (const name of Object.keys(members))
    if (!known.has(name))
      throw new ConfigError(`the file config.json: ${name} is not a setting`);
  const environment = environments.find(
    (each) => each === members["environment"],
  );
  if (environment === undefined)
    throw new ConfigError(
      "the file config.json: environment must be local, dev or production",
    );
  const { networkUrl, storageOrigins } = members;
  if (!Array.isArray(storageOrigins))
    throw new ConfigError(
      "the file config.json: storageOrigins must be a list",
    );
  return {
    environment,
    networkUrl:
      networkUrl === undefined ? undefined : parseNetworkUrl(networkUrl),
    storageOrigins: storageOrigins.map((origin: unknown, index) =>
      parseOrigin(`storageOrigins[${index}]`, origin),
    ),
  };
}

function parseObject(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError("the file config.json: is no JSON", { cause });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new ConfigError("the file config.json: must be an object");
  return parsed as Record<string, unknown>;
}

function parseNetworkUrl(value: unknown): string {
  return parseOrigin("networkUrl", value);
}

function parseOrigin(name: string, value: unknown): string {
  if (typeof value === "string" && URL.canParse(value)) {
    const { origin, protocol, hostname } = new URL(value);
    const isSafe =
      protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
    if (isSafe && (value === origin || value === `${origin}/`)) return origin;
  }
  throw new ConfigError(
    `the file config.json: ${name} must be an https origin, such as https://backups.example.org (http only for this machine)`,
  );
}

const isLoopback = (hostname: string) =>
  hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
