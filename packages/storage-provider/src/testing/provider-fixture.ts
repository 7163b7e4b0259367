import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import {
  createStorageProvider,
  type StorageProvider,
} from "../storage-provider.js";
import type { StorageProviderOptions } from "../storage-provider-options.js";

/** A provider of a test, with what it keeps. */
export interface ProviderFixture {
  readonly provider: StorageProvider;
  readonly directory: string;
  /** Names in the place for finished files. */
  readonly blobs: () => readonly string[];
  /** Names in the place for uploads under way. */
  readonly incoming: () => readonly string[];
}

/** An answer to `POST /authorizations`. */
export interface Authorization {
  readonly uploadUrl: string;
  readonly maxBytes: number;
  readonly expiresAt: string;
  readonly receiptKey: string;
  readonly deleteUrl: string;
}

/** An answer to `POST /backups`. */
export interface Uploaded {
  readonly downloadUrl: string;
  readonly expiresAt: string;
  readonly size: number;
  readonly sha256: string;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs something after the test, last first. */
export function afterTest(cleanup: () => Promise<void>): void {
  cleanups.push(cleanup);
}

/** @returns a new private directory that is gone after the test */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "storage-provider-"));
  afterTest(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts a real provider on a free port; it and its files are gone after the test. */
export async function startProvider(
  options: Partial<StorageProviderOptions> = {},
): Promise<ProviderFixture> {
  const directory =
    typeof options.directory === "string"
      ? options.directory
      : await temporaryDirectory();
  const provider = await createStorageProvider({
    authorization: { mode: "open" },
    ticketSecret: randomBytes(32),
    closeGraceMs: 0,
    directory,
    ...options,
  });
  afterTest(() => provider.close());
  const list = (name: string) =>
    existsSync(join(directory, name)) ? readdirSync(join(directory, name)) : [];
  return {
    provider,
    directory,
    blobs: () => list("blobs"),
    incoming: () => list("incoming"),
  };
}

/** Obtains one authorization. */
export async function authorize(url: string): Promise<Authorization> {
  const response = await fetch(`${url}/authorizations`, { method: "POST" });
  if (response.status !== 201) {
    throw new Error(`authorizations answered ${response.status}`);
  }
  return (await response.json()) as Authorization;
}

/** Sends a file the way browsers and Node.js do. */
export function upload(
  uploadUrl: string,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const form = new FormData();
  form.append("file", new Blob([Uint8Array.from(bytes)]), "backup.age");
  return fetch(uploadUrl, { method: "POST", body: form, headers });
}

/** Obtains an authorization and uses it. */
export async function store(
  url: string,
  bytes: Uint8Array,
): Promise<Authorization & Uploaded> {
  const authorization = await authorize(url);
  const response = await upload(authorization.uploadUrl, bytes);
  if (response.status !== 201) {
    throw new Error(`backups answered ${response.status}`);
  }
  return { ...authorization, ...((await response.json()) as Uploaded) };
}

/** @returns the problem code of an answer, once it is seen to be a problem document with its status */
export async function problemCode(response: Response): Promise<string> {
  const type = response.headers.get("content-type");
  const body = (await response.json()) as Record<string, unknown>;
  if (
    type !== "application/problem+json" ||
    body.status !== response.status ||
    body.type !== `urn:carryover:storage:problem:${String(body.code)}`
  ) {
    throw new Error(
      `not a problem document: ${String(type)} ${JSON.stringify(body)}`,
    );
  }
  return String(body.code);
}

/** Waits for a condition; fails after half a minute, or what is said. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
