import type { Installation, UploadAuthorization } from "@carryover/client";
import { type Members, readProblem, type StorageAnswer } from "./members.js";
import { parseAuthorization, parseProblemCode } from "./service-answers.js";
import { refused, statusError } from "./storage-errors.js";

/** Posts JSON to a storage service, with these headers beside its content type. */
export type PostJson = (
  url: string,
  request: { headers: Record<string, string>; json: string },
) => Promise<StorageAnswer>;

/** Who asks. */
export interface Credentials {
  /** An API key of the service, if the app has one. */
  apiKey?: string | undefined;
  /** Signs the service's challenge where it asks for a proof instead. */
  installation?:
    Pick<Installation, "inboxId" | "installationId" | "sign"> | undefined;
}

/**
 * `POST /authorizations` of the service that the app chose. One that knows of no authorizations gets the file at
 * XIP-31's own `/backups`.
 *
 * @throws {CarryoverError} `storageRefused`, `storageUnavailable`, …
 */
export async function obtainAuthorization(
  post: PostJson,
  providerUrl: string,
  credentials: Credentials,
): Promise<UploadAuthorization> {
  const ask = (path: string, members: Members) =>
    post(placeBelow(providerUrl, path), {
      headers:
        credentials.apiKey === undefined
          ? {}
          : { authorization: `Bearer ${credentials.apiKey}` },
      json: JSON.stringify(members),
    });
  let answer = await ask("authorizations", {});
  if (answer.status === 401 && credentials.installation !== undefined) {
    answer.drop();
    const proof = await proveInstallation(
      await ask("authorizations/challenges", {}),
      baseOf(providerUrl),
      credentials.installation,
    );
    answer = await ask("authorizations", { proof });
  }
  if ([404, 405, 501].includes(answer.status)) {
    answer.drop();
    return { uploadUrl: placeBelow(providerUrl, "backups") };
  }
  if (answer.status !== 200 && answer.status !== 201)
    throw statusError(
      answer.status,
      parseProblemCode(await readProblem(answer)),
    );
  return parseAuthorization(
    await answer.readJson(),
    new URL(placeBelow(providerUrl, "authorizations")),
  );
}

/** Answers a challenge with a signature that is good for this service alone. */
async function proveInstallation(
  answer: StorageAnswer,
  service: string,
  { inboxId, installationId, sign }: NonNullable<Credentials["installation"]>,
): Promise<Members> {
  if (answer.status !== 200 && answer.status !== 201) {
    answer.drop();
    throw statusError(401);
  }
  const { challenge, service: named } = await answer.readJson();
  if (
    typeof challenge !== "string" ||
    !/^[A-Za-z0-9_-]{1,256}$/.test(challenge)
  )
    throw refused("the storage service gives no challenge to sign");
  // It may hand on the challenge of another service, to use our signature there.
  if (named !== service)
    throw refused("the storage service calls itself by another address");
  const signature = await sign(
    [
      "Carryover storage authorization, version 1",
      `service: ${service}`,
      `inbox: ${inboxId}`,
      `installation: ${installationId}`,
      `challenge: ${challenge}`,
    ].join("\n"),
  );
  return {
    inboxId,
    installationId,
    challenge,
    signature: Array.from(signature, (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join(""),
  };
}

function placeBelow(providerUrl: string, path: string): string {
  return `${baseOf(providerUrl)}/${path}`;
}

/** Without query and without slashes at its end. What is no URL is refused where it is connected to. */
function baseOf(providerUrl: string): string {
  if (!URL.canParse(providerUrl)) return providerUrl;
  const { origin, pathname } = new URL(providerUrl);
  return `${origin}${pathname}`.replace(/\/+$/, "");
}
