import {
  type ChannelId,
  encodeEnvelope,
  type InboxId,
  parseChannelId,
  parseEnvelope,
  parsePadlockMessagePayload,
  type PadlockMessagePayload,
} from "@carryover/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createContext,
  createPorts,
  deliver,
  ignoredReasons,
  type MemoryPorts,
  messageOf,
  requestId,
  requestPayload,
  startEngine,
} from "../testing/engine-fixture.js";
import {
  channelId,
  inboxId,
  other,
  type SampleInstallation,
  sampleInstallation,
  self,
  signedBy,
  strangerInboxId,
  third,
} from "../testing/installations.js";
import { minuteNs, startNs } from "../testing/memory-network.js";
import { announceBackupRole } from "./announce-role.js";
import { relayRoles } from "./relay-roles.js";
import { nominalChannelOf, signRoleCertificate } from "./role-certificate.js";

const elsewhere = parseChannelId("e5".repeat(16));
/** A file's installation, in the inbox as others are. */
const stolen = other;

const announcement: PadlockMessagePayload = {
  kind: "contactBundle",
  contactRole: "backup",
  createdAtNs: startNs,
};

const certificateOf = (
  installation: SampleInstallation,
  place: { inboxId: InboxId; channelId: ChannelId } = {
    inboxId,
    channelId: nominalChannelOf(installation.installationId),
  },
) => ({
  installationId: installation.installationId,
  channelId: place.channelId,
  envelope: signedBy(installation, announcement, place),
});

/** `shown` by whoever sends it. */
const relayOf = ({
  channelId: signedFor,
  envelope,
}: Pick<
  ReturnType<typeof certificateOf>,
  "channelId" | "envelope"
>): PadlockMessagePayload => ({
  kind: "relayedContactBundle",
  channelId: signedFor,
  envelope,
});

async function whoIsBackup(ports: MemoryPorts) {
  const { state } = await createContext(ports);
  return state.current().backupInstallations;
}

/** Everything that arrives, one sync after the other. */
async function receive(
  ports: MemoryPorts,
  ...steps: ((ports: MemoryPorts) => void)[]
) {
  const { engine, events } = await startEngine(ports);
  let inboundRequests;
  for (const step of steps) {
    step(ports);
    ({ inboundRequests } = await engine.sync());
  }
  await engine.close();
  return {
    reasons: ignoredReasons(events),
    inboundRequests,
    backups: await whoIsBackup(ports),
  };
}

test("security rule: a backup installation's requests are disregarded, by its own word", async () => {
  const { reasons, inboundRequests, backups } = await receive(
    createPorts(),
    (ports) => deliver(ports, announcement, { by: stolen }),
    (ports) => deliver(ports, requestPayload(), { by: stolen }),
  );
  expect(reasons).toEqual(["senderIsBackupInstallation"]);
  expect(inboundRequests).toEqual([]);
  expect(backups).toEqual([stolen.installationId]);
});

test("security rule: a backup installation's requests are disregarded, also when somebody else shows its word", async () => {
  const { reasons, inboundRequests } = await receive(
    createPorts(),
    (ports) => deliver(ports, relayOf(certificateOf(stolen)), { by: third }),
    (ports) => deliver(ports, requestPayload(), { by: stolen }),
  );
  expect(reasons).toEqual(["senderIsBackupInstallation"]);
  expect(inboundRequests).toEqual([]);
});

test("security rule: a request that is shown already is closed when the role becomes known", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  deliver(ports, requestPayload(), { by: stolen });
  expect((await engine.sync()).inboundRequests).toHaveLength(1);
  deliver(ports, relayOf(certificateOf(stolen)), { by: third });
  expect((await engine.sync()).inboundRequests).toEqual([]);
  await expect(
    engine.respondToBackupRequest(requestId, "approve"),
  ).rejects.toMatchObject({ code: "requesterIsBackup" });
  expect(ports.storageProvider.calls).toEqual([]);
  expect(ignoredReasons(events)).toEqual([]);
  await engine.close();
});

test.each<[PadlockMessagePayload["kind"], PadlockMessagePayload]>([
  ["request", requestPayload()],
  ["decline", { kind: "decline", requestId }],
  ["contactBundle", { ...announcement, contactRole: "full" }],
  ["relayedContactBundle", relayOf(certificateOf(third))],
])(
  "XIP-31: of a backup installation a %s is disregarded",
  async (_kind, payload) => {
    const { reasons, backups } = await receive(
      createPorts(),
      (ports) => deliver(ports, announcement, { by: stolen }),
      (ports) => deliver(ports, payload, { by: stolen }),
    );
    expect(reasons).toEqual(["senderIsBackupInstallation"]);
    expect(backups).toEqual([stolen.installationId]);
  },
);

test("a file's own word is nothing to be warned of, whoever heard of the file before", async () => {
  const { reasons, backups } = await receive(
    createPorts(),
    (ports) => deliver(ports, relayOf(certificateOf(stolen)), { by: third }),
    (ports) => deliver(ports, announcement, { by: stolen }),
  );
  expect(reasons).toEqual([]);
  expect(backups).toEqual([stolen.installationId]);
});

const forged = (by: SampleInstallation) => {
  const real = parseEnvelope(certificateOf(by).envelope).value;
  return encodeEnvelope({
    ...real,
    senderInstallationId: third.installationId,
  });
};

/** All are shown to the installation under test as the word of a live one. */
const attacks: [string, string, PadlockMessagePayload][] = [
  [
    "another installation's signature under a live one's name",
    "badSignature",
    relayOf({
      channelId: nominalChannelOf(stolen.installationId),
      envelope: forged(stolen),
    }),
  ],
  [
    "the word of an installation with the same key in another inbox",
    "badSignature",
    relayOf(
      certificateOf(third, {
        inboxId: strangerInboxId,
        channelId: nominalChannelOf(third.installationId),
      }),
    ),
  ],
  [
    "a word that was signed for another channel than is said",
    "badSignature",
    relayOf({ ...certificateOf(third), channelId: elsewhere }),
  ],
  [
    "a live installation's request, as if it were its role",
    "malformed",
    relayOf({ channelId, envelope: signedBy(third, requestPayload()) }),
  ],
  [
    "a live installation's word that it is an ordinary one",
    "malformed",
    relayOf({
      channelId,
      envelope: signedBy(third, {
        kind: "contactBundle",
        contactRole: "full",
        createdAtNs: startNs,
      }),
    }),
  ],
  [
    "what a live installation has shown of another one",
    "malformed",
    relayOf({
      channelId,
      envelope: signedBy(third, relayOf(certificateOf(stolen))),
    }),
  ],
  [
    "no envelope at all",
    "malformed",
    relayOf({ channelId, envelope: new Uint8Array(7) }),
  ],
];

test.each(attacks)(
  "security rule: nobody silences a live installation by %s",
  async (_name, reason, payload) => {
    for (const by of [stolen, third]) {
      const { reasons, inboundRequests, backups } = await receive(
        createPorts(),
        (ports) => deliver(ports, payload, { by }),
        (ports) => deliver(ports, requestPayload(), { by: third }),
      );
      expect(reasons).toEqual([reason]);
      expect(backups).toEqual([]);
      expect(inboundRequests).toHaveLength(1);
    }
  },
);

test("security rule: no changed bit of a word makes anybody a backup but the one who signed it", async () => {
  const whole = certificateOf(stolen).envelope;
  const context = await createContext(createPorts());
  const { receiveRelayed } = await import("./receive-role.js");
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, mask) => {
        const envelope = whole.map((byte, index) =>
          index === at ? byte ^ mask : byte,
        );
        await receiveRelayed(context, {
          channelId: nominalChannelOf(stolen.installationId),
          envelope,
        });
        for (const id of context.state.current().backupInstallations)
          expect(id).toBe(stolen.installationId);
      },
    ),
  );
});

test("security rule: a relay of a stranger, in a group with a stranger, or from another channel counts for nothing", async () => {
  const relay = relayOf(certificateOf(third));
  const stranger = await receive(createPorts(), (ports) => {
    ports.channels.conversations.get(channelId)?.messages.push(
      messageOf(signedBy(sampleInstallation(9), relay), {
        senderInboxId: strangerInboxId,
      }),
    );
  });
  expect(stranger).toMatchObject({ reasons: ["foreignSender"], backups: [] });
  const group = await receive(createPorts(), (ports) => {
    ports.channels.conversations
      .get(channelId)
      ?.memberInboxIds.push(strangerInboxId);
    deliver(ports, relay, { by: stolen });
  });
  expect(group.backups).toEqual([]);
  const moved = await receive(createPorts(), (ports) =>
    deliver(ports, relay, { by: stolen, signedFor: elsewhere }),
  );
  expect(moved).toMatchObject({ reasons: ["badSignature"], backups: [] });
});

test("the word of one who is not in the inbox is not kept: records cannot be filled with old keys", async () => {
  const gone = sampleInstallation(44);
  const { reasons, backups } = await receive(
    createPorts(),
    (ports) => deliver(ports, relayOf(certificateOf(gone)), { by: third }),
    (ports) => deliver(ports, announcement, { by: gone }),
  );
  expect(reasons).toEqual(["senderNotInInbox", "senderNotInInbox"]);
  expect(backups).toEqual([]);
});

test("a word shown again and again changes nothing, and asks the network once", async () => {
  const ports = createPorts();
  const relay = relayOf(certificateOf(stolen));
  await receive(
    ports,
    () => deliver(ports, relay, { by: third }),
    () => deliver(ports, relay, { by: third }),
    () => deliver(ports, announcement, { by: stolen }),
  );
  const asked = ports.network.calls.filter(
    (call) => call === "fetchInboxState",
  );
  expect(asked).toHaveLength(1);
  const { state } = await createContext(ports);
  expect(state.current().roleCertificates).toHaveLength(1);
});

test("without a network nobody becomes a backup, and it is read again later", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  ports.network.isDown = (name) => name === "fetchInboxState";
  deliver(ports, announcement, { by: stolen });
  await engine.sync().catch(() => undefined);
  expect(ignoredReasons(events)).toContain("networkUnavailable");
  expect(await engine.listBackupInstallations()).toEqual([]);
  ports.network.isDown = () => false;
  await engine.sync();
  expect(await engine.listBackupInstallations()).toEqual([
    stolen.installationId,
  ]);
  await engine.close();
});

/** An installation that knows the role of the stolen one and of a fourth one. */
async function whoKnows() {
  const ports = createPorts();
  const context = await createContext(ports);
  await context.state.update((draft) => {
    draft.roleCertificates.push(certificateOf(stolen));
    draft.backupInstallations.push(stolen.installationId);
  });
  return { ports, context };
}

test("whoever knows shows the others what the installation itself has signed, once in a channel", async () => {
  const { ports, context } = await whoKnows();
  await relayRoles(context, channelId);
  const [sent] = ports.channels.sent;
  const { value } = parseEnvelope(sent?.message.content ?? new Uint8Array());
  expect(value.senderInstallationId).toBe(self.installationId);
  expect(parsePadlockMessagePayload(value.payload).value).toEqual(
    relayOf(certificateOf(stolen)),
  );
  expect(sent?.message.push).toBe("quiet");
  expect([...ports.channels.hidden]).toEqual([channelId]);
  const { messages } = ports.channels.conversations.get(channelId) ?? {};
  messages?.push(messageOf(sent?.message.content ?? new Uint8Array()));
  ports.channels.sent.length = 0;
  await relayRoles(context, channelId);
  expect(ports.channels.sent).toEqual([]);
});

test.each<[string, SampleInstallation, PadlockMessagePayload]>([
  ["another installation has", third, relayOf(certificateOf(stolen))],
  ["it says so itself", stolen, announcement],
])("nothing is shown twice: %s", async (_name, by, payload) => {
  const { ports, context } = await whoKnows();
  deliver(ports, payload, { by });
  await relayRoles(context, channelId);
  expect(ports.channels.sent).toEqual([]);
});

test.each<[string, SampleInstallation, PadlockMessagePayload, ChannelId?]>([
  [
    "a word with a signature that does not count",
    third,
    relayOf({ ...certificateOf(stolen), channelId: elsewhere }),
  ],
  [
    "a word in its name that another one has signed",
    third,
    relayOf({
      channelId: nominalChannelOf(third.installationId),
      envelope: encodeEnvelope({
        ...parseEnvelope(certificateOf(third).envelope).value,
        senderInstallationId: stolen.installationId,
      }),
    }),
  ],
  [
    "its request, shown as a role",
    third,
    relayOf({ channelId, envelope: signedBy(stolen, requestPayload()) }),
  ],
  [
    "its own showing, which others disregard",
    stolen,
    relayOf(certificateOf(stolen)),
  ],
  ["an announcement for another channel", stolen, announcement, elsewhere],
])(
  "security rule: a thief does not keep others from being warned by %s",
  async (_name, by, payload, signedFor = channelId) => {
    const { ports, context } = await whoKnows();
    deliver(ports, payload, { by, signedFor });
    await relayRoles(context, channelId);
    expect(ports.channels.sent).toHaveLength(1);
  },
);

test("what is revoked is shown to nobody, and a lost network stops nothing", async () => {
  const { ports, context } = await whoKnows();
  ports.network.isDown = () => true;
  await relayRoles(context, channelId);
  ports.network.isDown = () => false;
  ports.network.installations = ports.network.installations.filter(
    ({ installationId }) => installationId !== stolen.installationId,
  );
  await relayRoles(context, channelId);
  expect(ports.channels.sent).toEqual([]);
});

test("a request makes those who know show it, so that the asking one does not ask a backup", async () => {
  const { ports } = await whoKnows();
  const { engine } = await startEngine(ports);
  deliver(ports, requestPayload(), { by: third });
  await engine.sync();
  const kinds = ports.channels.sent.map(
    ({ message }) =>
      parsePadlockMessagePayload(parseEnvelope(message.content).value.payload)
        .value.kind,
  );
  expect(kinds).toEqual(["relayedContactBundle"]);
  await engine.close();
});

test("an announcement lasts as long as a key package, is quiet and hidden, and is signed for its own channel", async () => {
  const ports = createPorts();
  let lifetimeNs: bigint | undefined;
  const { create } = { create: ports.channels.create.bind(ports.channels) };
  ports.channels.create = async (options) => {
    lifetimeNs = options.messageLifetimeNs;
    return await create(options);
  };
  await announceBackupRole(await createContext(ports));
  expect(lifetimeNs).toBe(84n * 24n * 60n * minuteNs);
  const [sent] = ports.channels.sent;
  expect(sent?.message).toMatchObject({ push: "quiet" });
  expect([...ports.channels.hidden]).toEqual([sent?.channelId]);
});

test("a certificate is an installation's own, for a channel that nobody can be in", async () => {
  const { installation, clock } = createPorts();
  const certificate = await signRoleCertificate({ clock }, { installation });
  expect(certificate).toEqual(certificateOf(self));
  expect(certificate.channelId).toBe(self.installationId.slice(0, 32));
});
