import { apiKeyForm, isApiKey, isBearerToken } from "./authorization.js";
import { maxObjectBytes } from "./s3-parts.js";
import { StorageProviderError } from "./storage-provider-error.js";
import {
  defaultRetentionHours,
  isAddressRange,
  isHttpUrl,
  isPublicUrl,
  publicUrlForm,
} from "./storage-provider-options.js";

/** Reads one setting from text. */
type Reader<T> = (text: string) => T;

const text: Reader<string> = (value) => value;
const checked =
  (holds: (value: string) => boolean, form: string): Reader<string> =>
  (value) => {
    if (!holds(value)) throw new Error(`expected ${form}`);
    return value;
  };
const httpUrl = checked(isHttpUrl, "an http or https address");
const listOf =
  (
    holds: (value: string) => boolean,
    form: string,
  ): Reader<readonly string[]> =>
  (value) => {
    const values = value.split(/[\s,]+/).filter((each) => each !== "");
    if (values.length === 0 || !values.every(holds)) {
      throw new Error(`expected a list, each of ${form}`);
    }
    return values;
  };
const integer =
  (minimum: number, maximum = Number.MAX_SAFE_INTEGER): Reader<number> =>
  (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < minimum || number > maximum) {
      const upTo =
        maximum === Number.MAX_SAFE_INTEGER ? "or more" : `to ${maximum}`;
      throw new Error(`expected a whole number, ${minimum} ${upTo}`);
    }
    return number;
  };
const bytes: Reader<number> = (value) => {
  const match = /^(\d+(?:\.\d+)?) ?([KMGT]i?B|B)?$/i.exec(value);
  const units = { "": 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const;
  const unit = (match?.[2] ?? "B").toUpperCase();
  const letter = unit.replace(/I?B$/, "") as keyof typeof units;
  const factor = unit.includes("I")
    ? 1024 ** (Object.keys(units).indexOf(letter) || 0)
    : units[letter];
  const number = Math.floor(Number(match?.[1]) * factor);
  if (match === null || !Number.isSafeInteger(number) || number < 1) {
    throw new Error("expected a size such as 5368709120, 500MB or 5GiB");
  }
  return number;
};
const oneOf =
  <const T extends string>(...words: readonly T[]): Reader<T> =>
  (value) => {
    const word = words.find((each) => each === value);
    if (word === undefined) throw new Error(`expected ${words.join(" or ")}`);
    return word;
  };
const secret: Reader<Uint8Array> = (value) => {
  const bytes = /^[0-9a-f]+$/i.test(value)
    ? Buffer.from(value, "hex")
    : Buffer.from(value, "base64");
  if (bytes.byteLength < 32) {
    throw new Error("expected 32 or more bytes, in hexadecimal or base64");
  }
  return bytes;
};

/**
 * Every setting. In a file by these names; in the environment in capitals after `CARRYOVER_STORAGE_`, such as
 * `CARRYOVER_STORAGE_PUBLIC_URL`.
 */
const readers = {
  directory: text,
  host: text,
  port: integer(0, 65_535),
  publicUrl: checked(isPublicUrl, publicUrlForm),
  maxBytes: bytes,
  maxTotalBytes: bytes,
  retentionHours: integer(1, 24 * 366),
  ticketHours: integer(1, 24 * 366),
  ticketSecret: secret,
  authorization: oneOf("open", "apiKey", "installation"),
  apiKeys: listOf(isApiKey, apiKeyForm),
  xmtpEnv: oneOf("local", "dev", "production"),
  xmtpApiUrl: httpUrl,
  authorizationCallsPerHour: integer(1),
  uploadsPerHour: integer(1),
  concurrentUploads: integer(1),
  concurrentDownloads: integer(1),
  concurrentTransfers: integer(1),
  officialClients: oneOf("off", "on"),
  metricsToken: checked(
    isBearerToken,
    "1 to 512 letters, digits and any of ._~+/=-",
  ),
  idleTimeoutSeconds: integer(1, 3_600),
  minUploadBytesPerSecond: integer(0),
  minDownloadBytesPerSecond: integer(0),
  trustedProxies: listOf(
    isAddressRange,
    "an IP address or a range such as 10.0.0.0/8",
  ),
  closeGraceSeconds: integer(0, 86_400),
  log: oneOf("json", "off"),
  s3Endpoint: httpUrl,
  s3Region: text,
  s3Bucket: text,
  s3Prefix: text,
  s3AccessKeyId: text,
  s3SecretAccessKey: text,
  redisUrl: checked(
    (value) => /^rediss?:\/\//.test(value) && URL.canParse(value),
    "redis:// or rediss:// and an address",
  ),
} as const satisfies Record<string, Reader<unknown>>;

/** Name of a setting. */
export type SettingName = keyof typeof readers;

/** Settings that may be given as `NAME_FILE` with the path of a file that holds them, which keeps them out of listings. */
export const secretSettings = [
  "ticketSecret",
  "apiKeys",
  "metricsToken",
  "s3AccessKeyId",
  "s3SecretAccessKey",
  "redisUrl",
] as const satisfies readonly SettingName[];

/** What an operator has set; what is left out has its default. */
export type StorageProviderSettings = {
  readonly [Name in SettingName]?: ReturnType<(typeof readers)[Name]>;
};

const prefix = "CARRYOVER_STORAGE_";

/** @returns the name of a setting in the environment */
export function environmentName(name: string): string {
  return prefix + name.replace(/[A-Z]/g, (each) => `_${each}`).toUpperCase();
}

/**
 * Reads the settings. The environment goes before the file.
 *
 * @param environment such as `process.env`; only names that begin with `CARRYOVER_STORAGE_` are looked at
 * @param configText content of the settings file, a JSON object; none where left out
 * @param readSecretFile reads the file that a `…_FILE` variable names
 * @throws StorageProviderError `settings-invalid`, which names every setting that is wrong, and no value
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  configText: string | undefined,
  readSecretFile: (path: string) => string,
): StorageProviderSettings {
  const problems: string[] = [];
  const given = new Map<string, { text: string; source: string }>();
  for (const [name, value] of Object.entries(parseConfig(configText))) {
    const asText = Array.isArray(value)
      ? value.map(String).join(",")
      : typeof value === "string" || typeof value === "number"
        ? String(value)
        : undefined;
    if (!Object.hasOwn(readers, name)) {
      problems.push(`${name} in the file: there is no such setting`);
    } else if (asText === undefined) {
      problems.push(`${name} in the file: expected text, a number or a list`);
    } else {
      given.set(name, { text: asText, source: `${name} in the file` });
    }
  }
  const names = new Map(
    Object.keys(readers).map((name) => [environmentName(name), name]),
  );
  const fileNames = new Map(
    secretSettings.map((name) => [`${environmentName(name)}_FILE`, name]),
  );
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || value === undefined || value === "") {
      continue;
    }
    const name = names.get(variable);
    const fileName = fileNames.get(variable);
    if (name !== undefined) {
      given.set(name, { text: value, source: variable });
    } else if (fileName === undefined) {
      problems.push(`${variable}: there is no such setting`);
    } else if (environment[environmentName(fileName)] !== undefined) {
      problems.push(`${variable}: the setting is also given without _FILE`);
    } else {
      try {
        given.set(fileName, {
          text: readSecretFile(value).trim(),
          source: variable,
        });
      } catch {
        problems.push(`${variable}: the file cannot be read`);
      }
    }
  }
  const settings: Record<string, unknown> = {};
  for (const [name, { text: value, source }] of given) {
    try {
      settings[name] = readers[name as SettingName](value);
    } catch (error) {
      problems.push(
        `${source}: ${error instanceof Error ? error.message : ""}`,
      );
    }
  }
  problems.push(...contradictions(settings));
  if (problems.length > 0) {
    throw new StorageProviderError("settings-invalid", problems.join("; "));
  }
  return settings;
}

function parseConfig(configText: string | undefined): Record<string, unknown> {
  if (configText === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(configText);
  } catch (cause) {
    // The parser's words quote the file, which may hold secrets.
    throw new StorageProviderError(
      "settings-invalid",
      "the settings file is not JSON",
      { cause: cause instanceof Error ? cause.name : undefined },
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new StorageProviderError(
      "settings-invalid",
      "the settings file: expected a JSON object",
    );
  }
  return value as Record<string, unknown>;
}

function contradictions(settings: StorageProviderSettings): readonly string[] {
  const found: string[] = [];
  const needs = (name: SettingName, when: string) => {
    if (settings[name] === undefined) {
      found.push(`${environmentName(name)}: needed ${when}`);
    }
  };
  if (settings.s3Bucket === undefined) {
    needs("directory", "unless files are kept in S3");
    for (const name of ["s3Endpoint", "s3Region", "s3Prefix"] as const) {
      if (settings[name] !== undefined) {
        needs("s3Bucket", `with ${environmentName(name)}`);
      }
    }
  } else {
    if (settings.directory !== undefined) {
      found.push(
        `${environmentName("directory")}: files are kept either there or in S3`,
      );
    }
    const withS3 = `with ${environmentName("s3Bucket")}`;
    needs("s3Endpoint", withS3);
    needs("s3AccessKeyId", withS3);
    needs("s3SecretAccessKey", withS3);
    if (settings.maxBytes !== undefined && settings.maxBytes > maxObjectBytes) {
      found.push(
        `${environmentName("maxBytes")}: expected at most 5TiB ${withS3}, the largest object of S3`,
      );
    }
    needs("ticketSecret", `${withS3}, the same for all instances`);
  }
  const { retentionHours = defaultRetentionHours, ticketHours = 1 } = settings;
  if (ticketHours > retentionHours) {
    found.push(
      `${environmentName("ticketHours")}: expected at most ${retentionHours}, the hours that files are kept`,
    );
  }
  needs("authorization", "to say who may store files");
  if (settings.authorization === "apiKey") {
    needs("apiKeys", "with authorization apiKey");
  } else if (settings.apiKeys !== undefined) {
    found.push(`${environmentName("apiKeys")}: only with authorization apiKey`);
  }
  if (settings.authorization === "installation") {
    needs("xmtpEnv", "with authorization installation");
  }
  return found;
}
