import type { Installation, UploadAuthorization } from "@carryover/client";
import { type Members, readJson } from "./answer-body.js";
import { type Connection, readProblem } from "./connection.js";
import type { HttpAnswer } from "./http-exchange.js";
import { parseAuthorization, parseProblemCode } from "./service-answers.js";
import { refused, statusError } from "./storage-errors.js";

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
  connection: Connection,
  providerUrl: string,
  {
    credentials,
    signal,
  }: { credentials: Credentials; signal?: AbortSignal | undefined },
): Promise<UploadAuthorization> {
  const ask = (path: string, members: Members) =>
    connection.send(placeBelow(providerUrl, path), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(credentials.apiKey !== undefined && {
          authorization: `Bearer ${credentials.apiKey}`,
        }),
      },
      body: Buffer.from(JSON.stringify(members)),
      signal,
    });
  let answer = await ask("authorizations", {});
  if (answer.status === 401 && credentials.installation !== undefined) {
    answer.drop();
    const proof = await proveInstallation(
      connection,
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
      parseProblemCode(await readProblem(answer, connection.limits)),
    );
  return parseAuthorization(
    await readJson(answer, connection.limits),
    new URL(placeBelow(providerUrl, "authorizations")),
  );
}

/** Answers a challenge with a signature that is good for this service alone. */
async function proveInstallation(
  { limits }: Connection,
  answer: HttpAnswer,
  service: string,
  { inboxId, installationId, sign }: NonNullable<Credentials["installation"]>,
): Promise<Members> {
  if (answer.status !== 200 && answer.status !== 201) {
    answer.drop();
    throw statusError(401);
  }
  const { challenge, service: named } = await readJson(answer, limits);
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
    signature: Buffer.from(signature).toString("hex"),
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
