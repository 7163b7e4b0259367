import { type AppConfig, ConfigError, parseConfig } from "./parse-config.js";

/**
 * Fetches `config.json` from beside the page: the only request that the app makes by itself.
 *
 * @throws {ConfigError}
 */
export async function loadConfig(): Promise<AppConfig> {
  let response: Response;
  try {
    response = await fetch(new URL("config.json", document.baseURI), {
      cache: "no-cache",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch (cause) {
    throw new ConfigError("the file config.json: could not be fetched", {
      cause,
    });
  }
  if (!response.ok)
    throw new ConfigError(
      `the file config.json: the server answered with ${response.status}`,
    );
  return parseConfig(await response.text());
}
