import { verifyInstallationSignature } from "@carryover/protocol";
import {
  createNetworkLink,
  createPerson,
  createTestNetwork,
  type NetworkLink,
  newInstallation,
  type Person,
  type TestClient,
  type TestNetwork,
} from "@carryover/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInstallation } from "./installation.js";

describe("this installation over the SDK", () => {
  let network: TestNetwork;
  let alix: Person;
  let link: NetworkLink;
  let own: TestClient;
  let other: TestClient;
  beforeEach(async () => {
    network = await createTestNetwork();
    link = await createNetworkLink(network.apiUrl);
    network.onClose(() => link.close());
    alix = createPerson(network);
    own = await newInstallation(alix, { apiUrl: link.url });
    other = await newInstallation(alix);
  });
  afterEach(() => network.close());

  const idsOf = async (installation: ReturnType<typeof createInstallation>) =>
    (await installation.fetchInboxState()).installations
      .map(({ installationId }) => installationId)
      .sort();

  it("says who it is", () => {
    expect(createInstallation(own)).toMatchObject({
      inboxId: own.inboxId,
      installationId: own.installationId,
      environment: "local",
      libraryVersion: expect.stringMatching(/.+/) as unknown,
    });
  });

  it("signs so that the protocol's verifier takes it, and for nothing else", async () => {
    const installation = createInstallation(own);
    const { installationId } = installation;
    const signature = await installation.sign("a text with 🙂");
    expect(signature.length).toBe(64);
    const verify = (text: string, id = installationId) =>
      verifyInstallationSignature(text, signature, id);
    expect(verify("a text with 🙂")).toBe(true);
    expect(verify("another text")).toBe(false);
    expect(
      verify("a text with 🙂", createInstallation(other).installationId),
    ).toBe(false);
  });

  it("reads the inbox state from the network every time", async () => {
    const installation = createInstallation(own);
    for (let time = 0; time < 3; time += 1) {
      const before = network.network.calls.count({
        method: "GetIdentityUpdates",
      });
      expect(await idsOf(installation)).toEqual(
        [own.installationId, other.installationId].sort(),
      );
      expect(
        network.network.calls.count({ method: "GetIdentityUpdates" }),
      ).toBe(before + 1);
    }
  });

  it("tells when installations were made", async () => {
    const { installations } = await createInstallation(own).fetchInboxState();
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    for (const { createdAtNs } of installations) {
      expect(createdAtNs).toBeGreaterThan(nowNs - 60_000_000_000n);
      expect(createdAtNs).toBeLessThanOrEqual(nowNs);
    }
  });

  it("misses a revoked installation the moment after it was revoked elsewhere", async () => {
    const installation = createInstallation(own);
    const third = await newInstallation(alix);
    expect(await idsOf(installation)).toHaveLength(3);
    await other.revokeInstallations([third.installationIdBytes]);
    expect(await idsOf(installation)).toEqual(
      [own.installationId, other.installationId].sort(),
    );
  });

  it("throws without a network and answers from no cache, also right after it was read", async () => {
    const installation = createInstallation(own);
    await installation.fetchInboxState();
    link.cut();
    for (let time = 0; time < 2; time += 1)
      await expect(installation.fetchInboxState()).rejects.toMatchObject({
        code: "networkUnavailable",
        retryable: true,
      });
    link.mend();
    expect(await idsOf(installation)).toHaveLength(2);
  });

  it("throws when the network answers with an error", async () => {
    const installation = createInstallation(own);
    network.network.faults.inject({
      fault: { kind: "error", code: "permissionDenied" },
      method: "GetIdentityUpdates",
      times: "untilCleared",
    });
    await expect(installation.fetchInboxState()).rejects.toMatchObject({
      code: "networkUnavailable",
    });
  });

  it("gives up on a network that takes the connection and says nothing", async () => {
    const installation = createInstallation(own, { fetchTimeoutMs: 1_000 });
    link.silence();
    await expect(installation.fetchInboxState()).rejects.toMatchObject({
      code: "networkUnavailable",
    });
    link.mend();
    expect(await idsOf(installation)).toHaveLength(2);
  });
});
