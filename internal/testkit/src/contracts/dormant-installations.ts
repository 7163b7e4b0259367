import type { AccountIdentifier } from "@carryover/account-file";
import type {
  CarryoverErrorCode,
  DormantInstallations,
  Installation,
  NewInstallation,
  OpenDormantInstallation,
} from "@carryover/client";
import {
  type ChannelId,
  createRequestId,
  parseInboxId,
} from "@carryover/protocol";
import {
  createChannels,
  systemClock,
  systemRandomBytes,
} from "@carryover/xmtp-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createPerson,
  newInstallation,
  type Person,
  type TestClient,
} from "../person.js";
import { createTestNetwork, type TestNetwork } from "../test-network.js";

/** Installations of one adapter, on a network of the test's own. */
export interface DormantInstallationsUnderTest {
  readonly installations: DormantInstallations;
  close(): Promise<void>;
}

const everyConsent = [0, 1, 2];

const failure = (code: CarryoverErrorCode): unknown =>
  expect.objectContaining({ name: "CarryoverError", code });

/**
 * What every adapter's dormant installations do, on the real library.
 *
 * @param name - of the adapter
 * @param open - makes them for a network; called once a test
 */
export function describeDormantInstallationsContract(
  name: string,
  open: (network: TestNetwork) => Promise<DormantInstallationsUnderTest>,
): void {
  describe(`dormant installations: ${name}`, () => {
    let network: TestNetwork;
    let alix: Person;
    let phone: TestClient;
    let bo: TestClient;
    let underTest: DormantInstallationsUnderTest;
    let installations: DormantInstallations;
    beforeEach(async () => {
      network = await createTestNetwork();
      alix = createPerson(network);
      phone = await newInstallation(alix);
      bo = await newInstallation(createPerson(network));
      underTest = await open(network);
      installations = underTest.installations;
    });
    afterEach(async () => {
      await underTest.close();
      await network.close();
    });

    const inboxId = () => parseInboxId(phone.inboxId);

    /** A wallet as a plain object. */
    const signerOf = ({ signer }: Person) => ({
      type: "EOA" as const,
      getIdentifier: async () => await signer.getIdentifier(),
      signMessage: async (message: string) => await signer.signMessage(message),
    });

    const account = (): AccountIdentifier => ({
      kind: "ethereum",
      identifier: alix.address,
    });

    /**
     * Calls that change something for others, since the log was cleared. Key packages are this installation's alone: every
     * other one here renews its own five seconds after it came into a conversation.
     */
    const writes = ({ installation }: { installation: Installation }) =>
      network.network.calls
        .list()
        .filter(
          ({ method, installationIds }) =>
            /^(Send|Publish|BatchPublish|Register)/.test(method) ||
            (method === "UploadKeyPackage" &&
              installationIds.includes(installation.installationId)),
        )
        .map(({ method }) => method);

    /** Registers one that is in a group with Bo, and puts it away. */
    async function putAway(): Promise<{
      made: NewInstallation;
      database: () => Promise<ReadableStream<Uint8Array>>;
      groupId: string;
    }> {
      const group = await phone.conversations.createGroup([bo.inboxId]);
      const made = await installations.make(signerOf(alix), inboxId());
      await made.register();
      await group.addMembers([]);
      await group.sendText("hello");
      await made.history.sync();
      const { readDatabase } = await made.close();
      return { made, database: readDatabase, groupId: group.id };
    }

    /** Lets time pass for others: a new installation that some member has to add, and a message. */
    async function liveOn(groupId: string): Promise<void> {
      await newInstallation(alix);
      await bo.conversations.syncAll(everyConsent);
      const group = await bo.conversations.getConversationById(groupId);
      await group?.sendText("and on");
    }

    const countOf = async (
      { history }: OpenDormantInstallation,
      groupId: string,
    ) => await history.countMessages(groupId);

    it("are made, known to nobody until they are registered, put away whole, and opened again", async () => {
      const made = await installations.make(signerOf(alix), inboxId());
      const { installationId } = made.installation;
      const ids = async () =>
        (await installations.fetchAccount(inboxId())).installations.map(
          (each) => each.installationId,
        );
      expect(await ids()).not.toContain(installationId);
      await made.register();
      expect(await ids()).toContain(installationId);
      expect(made.account).toEqual(account());
      const keyPackage = await made.fetchKeyPackage();
      expect(keyPackage?.expiresAtNs).toBeGreaterThan(
        keyPackage?.createdAtNs ?? 0n,
      );
      const { readDatabase } = await made.close();
      const bytes = new Uint8Array(
        await new Response(await readDatabase()).arrayBuffer(),
      );
      expect(new TextDecoder().decode(bytes.subarray(0, 15))).toBe(
        "SQLite format 3",
      );
      const opened = await installations.open(await readDatabase(), {
        account: account(),
        reach: "nothing",
      });
      expect(opened.installation).toMatchObject({
        installationId,
        inboxId: phone.inboxId,
        environment: "local",
      });
      await opened.dispose();
      await opened.dispose();
      await made.dispose();
    });

    it("say whose a wallet is, and what of the account is used", async () => {
      expect(await installations.findInbox(signerOf(alix))).toBe(phone.inboxId);
      const stranger = createPerson(network);
      expect(await installations.findInbox(signerOf(stranger))).toBeUndefined();
      const state = await installations.fetchAccount(inboxId());
      expect(state.installations).toHaveLength(1);
      expect(state.identityUpdatesUsed).toBe(1);
    });

    it("are not made for another account's wallet, and not revoked by it", async () => {
      const stranger = createPerson(network);
      await newInstallation(stranger);
      await expect(
        installations.make(signerOf(stranger), inboxId()),
      ).rejects.toEqual(failure("walletOfAnotherAccount"));
      const { made } = await putAway();
      const { installationId } = made.installation;
      await expect(
        installations.revoke(signerOf(stranger), inboxId(), [installationId]),
      ).rejects.toEqual(failure("walletOfAnotherAccount"));
      await installations.revoke(signerOf(alix), inboxId(), [installationId]);
      const { installations: left } =
        await installations.fetchAccount(inboxId());
      expect(left.map((each) => each.installationId)).toEqual([
        phone.installationId,
      ]);
      await made.dispose();
    });

    it("tell a wallet that does not sign from everything else", async () => {
      const refusing = {
        ...signerOf(alix),
        signMessage: async (): Promise<Uint8Array> => {
          throw new Error("the person said no");
        },
      };
      const made = await installations.make(refusing, inboxId());
      await expect(made.register()).rejects.toEqual(failure("walletRefused"));
      await made.dispose();
    });

    it("tell a wallet that signs with another account than it named from a network that is away", async () => {
      const stranger = signerOf(createPerson(network));
      const changed = {
        ...signerOf(alix),
        signMessage: (message: string) => stranger.signMessage(message),
      };
      const made = await installations.make(changed, inboxId());
      await expect(made.register()).rejects.toEqual(
        failure("walletOfAnotherAccount"),
      );
      await made.dispose();
    });

    it("refuse what is no database", async () => {
      await expect(
        installations.open(
          new Response(new Uint8Array(8_192).fill(7)).body ??
            new ReadableStream(),
          { account: account(), reach: "nothing" },
        ),
      ).rejects.toEqual(failure("accountFileDatabaseRefused"));
    });

    it("fail with what their database fails with", async () => {
      let isBegun = false;
      const cut = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (isBegun) controller.error(new Error("cut off"));
          else controller.enqueue(new Uint8Array(4_096));
          isBegun = true;
        },
      });
      await expect(
        installations.open(cut, { account: account(), reach: "nothing" }),
      ).rejects.toMatchObject({ message: "cut off" });
    });

    it("have a place to throw away that nobody knows of", async () => {
      network.network.calls.clear();
      const opened = await installations.openThrowAway(account());
      await opened.dispose();
      expect(writes(opened)).toEqual([]);
    });

    it("with the reach `nothing` fetch everything, and send nothing, though the library would", async () => {
      const made = await installations.make(signerOf(alix), inboxId());
      await made.register();
      const { readDatabase } = await made.close();
      // Whoever is new in a conversation looks who else is missing there, and adds them.
      const group = await bo.conversations.createGroup([phone.inboxId]);
      await group.sendText("hello");
      await newInstallation(alix);
      const open = async () =>
        await installations.open(await readDatabase(), {
          account: account(),
          reach: "nothing",
        });
      const opened = await open();
      network.network.calls.clear();
      await opened.history.sync();
      await opened.history.sync();
      expect(await countOf(opened, group.id)).toBe(1);
      expect(network.network.calls.count()).toBeGreaterThan(0);
      expect(writes(opened)).toEqual([]);
      await opened.dispose();

      // What was seen above is the wall's work: without it the library sends.
      const free = await (await open()).reopen("everything");
      network.network.calls.clear();
      await free.history.sync();
      expect(writes(free)).toContain("SendGroupMessages");
      await free.dispose();
      await made.dispose();
    });

    it("with the reach `backupChannels` send into those of their own alone", async () => {
      const { made, database, groupId } = await putAway();
      await liveOn(groupId);
      const asking = await newInstallation(alix);
      const opened = await installations.open(await database(), {
        account: account(),
        reach: "backupChannels",
      });
      const channelId = await createChannels(asking, systemClock).create({
        callId: createRequestId(systemRandomBytes),
        messageLifetimeNs: 1_000_000_000_000n,
      });
      await opened.history.sync();
      network.network.calls.clear();
      const message = {
        content: new Uint8Array([1]),
        fallback: "a backup message",
        push: "quiet",
      } as const;
      await opened.channels.send(channelId, {
        ...message,
        idempotencyKey: "one",
      });
      // Marked or not, it is a conversation with somebody else.
      await opened.channels
        .send(groupId as ChannelId, { ...message, idempotencyKey: "two" })
        .catch(() => undefined);
      const sent = network.network.calls.list({ method: "SendGroupMessages" });
      expect(sent.length).toBeGreaterThan(0);
      expect(new Set(sent.flatMap(({ groupIds }) => groupIds))).toEqual(
        new Set([channelId]),
      );
      expect(new Set(writes(opened))).toEqual(new Set(["SendGroupMessages"]));
      await opened.dispose();
      await made.dispose();
    });

    it("with the reach `keyPackage` renew that, and send nothing else", async () => {
      const { made, database, groupId } = await putAway();
      await liveOn(groupId);
      const opened = await installations.open(await database(), {
        account: account(),
        reach: "nothing",
      });
      const before = await opened.fetchKeyPackage();
      network.network.calls.clear();
      const renewing = await opened.reopen("keyPackage");
      await renewing.history.sync();
      await expect
        .poll(async () => (await renewing.fetchKeyPackage())?.expiresAtNs, {
          timeout: 20_000,
          interval: 250,
        })
        .toBeGreaterThanOrEqual(before?.expiresAtNs ?? 0n);
      await expect
        .poll(() => writes(renewing), { timeout: 20_000, interval: 250 })
        .toContain("UploadKeyPackage");
      expect(new Set(writes(renewing))).toEqual(new Set(["UploadKeyPackage"]));
      await renewing.dispose();
      await made.dispose();
    });

    it("say that the network is away", async () => {
      const { made, database } = await putAway();
      network.network.faults.setReachability("unreachable");
      await expect(
        installations.open(await database(), {
          account: account(),
          reach: "nothing",
        }),
      ).rejects.toEqual(failure("networkUnavailable"));
      network.network.faults.clear();
      await made.dispose();
    });
  });
}
