import {
  createLocalNetwork,
  type LocalNetwork,
} from "@carryover/local-network";
import type { Client, Signer } from "@xmtp/node-sdk";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newClient, newSigner } from "./testing/xmtp-fixture.js";
import { proofText } from "./installation-proof.js";
import {
  problemCode,
  startProvider,
  upload,
  type Authorization,
  type ProviderFixture,
} from "./testing/provider-fixture.js";

let network: LocalNetwork;
let signer: Signer;
let alix: Client;
let fixture: ProviderFixture;
let now = Date.now();

beforeAll(async () => {
  network = await createLocalNetwork({ grpcPort: 0, grpcWebPort: 0 });
  signer = newSigner();
  alix = await newClient(network, signer);
});
afterAll(() => network.close());
beforeEach(async () => {
  now = Date.now();
  fixture = await startProvider({
    clock: { nowMs: () => now },
    authorization: {
      mode: "installation",
      env: "local",
      apiUrl: network.grpcUrl,
    },
    limits: { uploadsPerHour: 3 },
  });
});

interface Proof {
  inboxId: string;
  installationId: string;
  challenge: string;
  signature: string;
}

async function challenge(): Promise<string> {
  const response = await fetch(
    `${fixture.provider.url}/authorizations/challenges`,
    { method: "POST" },
  );
  expect(response.status).toBe(201);
  const body = (await response.json()) as {
    challenge: string;
    service: string;
  };
  expect(body.service).toBe(fixture.provider.url);
  return body.challenge;
}

async function proofOf(
  client: Client,
  change: Partial<Omit<Proof, "signature">> & { service?: string } = {},
): Promise<Proof> {
  const signed = {
    inboxId: change.inboxId ?? client.inboxId,
    installationId: change.installationId ?? client.installationId,
    challenge: change.challenge ?? (await challenge()),
  };
  const text = proofText(change.service ?? fixture.provider.url, signed);
  return {
    ...signed,
    signature: Buffer.from(client.signWithInstallationKey(text)).toString(
      "hex",
    ),
  };
}

const ask = (proof: unknown, count?: number) =>
  fetch(`${fixture.provider.url}/authorizations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ proof, count }),
  });

async function expectRefused(proof: unknown, code: string): Promise<void> {
  expect(await problemCode(await ask(proof))).toBe(code);
}

test("a live installation is authorized, and uploads", async () => {
  const response = await ask(await proofOf(alix));
  expect(response.status).toBe(201);
  const { uploadUrl } = (await response.json()) as Authorization;
  expect((await upload(uploadUrl, Buffer.from("x"))).status).toBe(201);
});

test("a revoked installation is not", async () => {
  const second = await newClient(network, signer);
  expect((await ask(await proofOf(second))).status).toBe(201);
  const proof = await proofOf(second);
  await alix.revokeInstallations([Buffer.from(second.installationId, "hex")]);
  await expectRefused(proof, "proof-invalid");
});

test("an installation of another inbox, or of none, is not", async () => {
  const bo = await newClient(network, newSigner());
  await expectRefused(
    await proofOf(bo, { inboxId: alix.inboxId }),
    "proof-invalid",
  );
  await expectRefused(
    await proofOf(alix, { inboxId: randomBytes(32).toString("hex") }),
    "proof-invalid",
  );
});

test("a proof is good once, for two minutes, here", async () => {
  const proof = await proofOf(alix);
  expect((await ask(proof)).status).toBe(201);
  await expectRefused(proof, "proof-invalid");
  const late = await proofOf(alix);
  now += 120_000;
  await expectRefused(late, "proof-invalid");
  await expectRefused(
    await proofOf(alix, { service: "https://evil.example" }),
    "proof-invalid",
  );
  await expectRefused(
    await proofOf(alix, { challenge: randomBytes(56).toString("base64url") }),
    "proof-invalid",
  );
});

test("every altered field is refused, before the network is asked", async () => {
  const proof = await proofOf(alix);
  const calls = network.calls.count();
  const other = randomBytes(32).toString("hex");
  for (const altered of [
    { ...proof, inboxId: other },
    { ...proof, installationId: other },
    { ...proof, challenge: await challenge() },
    { ...proof, signature: randomBytes(64).toString("hex") },
    { ...proof, signature: "00".repeat(64) },
  ]) {
    await expectRefused(altered, "proof-invalid");
  }
  for (const malformed of [
    null,
    1,
    "x",
    [],
    {},
    { ...proof, inboxId: proof.inboxId.slice(2) },
    { ...proof, inboxId: 1 },
    { ...proof, installationId: "../x" },
    { ...proof, signature: `${proof.signature}00` },
    { ...proof, challenge: "" },
    { ...proof, challenge: "A".repeat(257) },
  ]) {
    await expectRefused(malformed, "body-malformed");
  }
  await expectRefused(undefined, "proof-missing");
  expect(network.calls.count()).toBe(calls);
  expect((await ask(proof)).status).toBe(201);
});

test("uploads are counted by inbox", async () => {
  expect((await ask(await proofOf(alix), 2)).status).toBe(201);
  expect(await problemCode(await ask(await proofOf(alix), 2))).toBe(
    "rate-limited",
  );
  expect((await ask(await proofOf(alix), 1)).status).toBe(201);
  const bo = await newClient(network, newSigner());
  expect((await ask(await proofOf(bo), 3)).status).toBe(201);
});

test("where the network cannot be read the answer is no, and the same proof is good once it can", async () => {
  const proof = await proofOf(alix);
  network.faults.setReachability("unreachable");
  try {
    await expectRefused(proof, "unavailable");
  } finally {
    network.faults.clear();
  }
  expect((await ask(proof)).status).toBe(201);
});
