import { inspect } from "node:util";
import type { EnginePorts } from "@carryover/client";
import { generateX25519Identity } from "age-encryption";
import { streamOf } from "../../hostile/backup-bytes.js";
import { type Dealt, answerJson } from "../../hostile/hostile-storage.js";
import { findGroup, waitFor } from "@carryover/testkit";
import { createCarryover } from "@carryover/xmtp-node";
import {
  createStage,
  type Device,
  type DeviceOptions,
  only,
  requestOptions,
} from "./stage.js";

// The whole story of a backup, with everything that can go wrong in it, in a process of its own. What it knows to be secret
// and what it was told in errors and events goes to the parent process; standard output and error are the product's.

/** What the parent gets. */
export interface StoryReport {
  /** What may stand nowhere. */
  secrets: string[];
  verificationPins: string[];
  /** Everything that can be read of every error: message, cause chain, stack, hidden properties. */
  errors: { code: string; text: string }[];
  /** Every event but for the PIN, which is there to be shown. */
  events: string[];
}

const secrets = new Set<string>();
const verificationPins = new Set<string>();
const errors: StoryReport["errors"] = [];

async function failing(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const code =
      error instanceof Error && "code" in error ? String(error.code) : "none";
    errors.push({ code, text: everythingOf(error) });
    return;
  }
  throw new Error("expected a failure");
}

function everythingOf(error: unknown): string {
  const shown = inspect(error, {
    depth: 12,
    showHidden: true,
    getters: true,
    maxStringLength: null,
    maxArrayLength: null,
  });
  const parts = [shown, String(error), JSON.stringify(error)];
  for (let at = error; at instanceof Error; at = at.cause)
    parts.push(at.message, at.stack ?? "");
  return parts.join("\n");
}

/** Learns every secret from the records before they are encrypted, and from what goes to and comes from the storage. */
function spying(ports: EnginePorts): EnginePorts {
  const learn = (text: string) => {
    for (const [key] of text.matchAll(/AGE-SECRET-KEY-[A-Z0-9-]+/g))
      secrets.add(key);
    for (const [url] of text.matchAll(/https?:\/\/[^"\s]+/g)) learnUrl(url);
    for (const [, pin] of text.matchAll(/"verificationPin":"(\d{4})"/g))
      verificationPins.add(pin ?? "");
    for (const [, key] of text.matchAll(/"receiptKey":"([^"]+)"/g))
      secrets.add(key ?? "");
  };
  return {
    ...ports,
    // One PIN that no number in a stack trace looks like.
    randomBytes: (length) =>
      length === 4
        ? Uint8Array.of(0, 0, 0x26, 0x8d)
        : ports.randomBytes(length),
    stateStore: {
      ...ports.stateStore,
      save: async (record) => {
        learn(new TextDecoder().decode(record));
        await ports.stateStore.save(record);
      },
    },
    history: {
      ...ports.history,
      exportArchive: async (options) => {
        const archive = await ports.history.exportArchive(options);
        secrets.add(Buffer.from(archive.key).toString("hex"));
        return archive;
      },
    },
  };
}

function learnUrl(url: string): void {
  const { pathname, search } = new URL(url);
  for (const part of [...pathname.split("/"), ...search.split(/[?&=]/)])
    if (part.length >= 16) secrets.add(part);
}

const events: string[] = [];

function listen(device: Device): Device {
  device.carryover.subscribe((event) => {
    events.push(
      JSON.stringify(event, (key, value: unknown) => {
        if (key === "verificationPin") return undefined;
        if (key === "error") return everythingOf(value);
        return typeof value === "bigint" ? value.toString() : value;
      }),
    );
  });
  return device;
}

const stage = await createStage({
  logger: (line) => console.log(JSON.stringify(line)),
});
const { storage, hostile, network, bo } = stage;
const secretText = "the-words-that-nobody-else-may-read";
secrets.add(secretText);

const alix = stage.person();
const spied: DeviceOptions = { wrapPorts: spying };
const old = listen(await stage.device(alix, { ...spied, pinMode: "enter" }));
const group = await old.client.conversations.createGroup([bo.inboxId]);
await group.sendText(secretText);
const fresh = listen(await stage.device(alix, spied));
for (const { encryptionKey } of [old, fresh])
  secrets.add(Buffer.from(encryptionKey).toString("hex"));

const ask = async (from: { url: string }) =>
  only(
    await fresh.carryover.requestRemoteMessageHistoryBackup(
      requestOptions(from),
    ),
  );
const approve = (requestId: string, pin?: string) =>
  old.carryover.respondToBackupRequest(
    requestId,
    "approve",
    pin === undefined ? {} : { pin },
  );

// The good story, with slips of the person's.
const good = await ask(storage);
await old.carryover.sync();
await failing(approve(good.requestId));
await failing(approve(good.requestId, "0000"));
await approve(good.requestId, good.verificationPin);
await fresh.carryover.sync();
await fresh.carryover.applyRemoteMessageHistoryBackup(good.requestId);
await findGroup(fresh.client, group.id);
await failing(approve(good.requestId, good.verificationPin));
await failing(fresh.carryover.applyRemoteMessageHistoryBackup("not-a-request"));

// A request that ends with three wrong PINs, and one that is declined.
const third = await ask(storage);
await old.carryover.sync();
for (const wrong of ["1", "2", "3"])
  await failing(approve(third.requestId, wrong));
const declined = await ask(storage);
await old.carryover.sync();
await old.carryover.respondToBackupRequest(declined.requestId, "decline");
await waitFor("the decline", async () => {
  await fresh.carryover.sync();
  const { status } =
    await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(
      declined.requestId,
    );
  return status === "Declined";
});
await failing(
  fresh.carryover.applyRemoteMessageHistoryBackup(declined.requestId),
);

/** One more request through the hostile service, which says back whatever it was sent. */
const token = "one-time-token-of-the-upload-url";
secrets.add(token);
async function uploadMeets(
  dealing: (typeof hostile)["mischief"],
): Promise<void> {
  hostile.mischief = ({ url }, response) => {
    if (url?.endsWith("/authorizations") !== true) return "pass";
    answerJson(response, 201, { uploadUrl: `${hostile.url}/backups/${token}` });
    return "answered";
  };
  const request = await ask(hostile);
  await old.carryover.sync();
  hostile.mischief = dealing;
  await failing(approve(request.requestId, request.verificationPin));
  hostile.mischief = () => "pass";
  // Whatever can be tried again: not here.
  await old.carryover
    .respondToBackupRequest(request.requestId, "decline")
    .catch(() => undefined);
}
const echo =
  (status: number): (typeof hostile)["mischief"] =>
  ({ url }, response): Dealt => {
    answerJson(response, status, {
      code: url,
      type: url,
      title: url,
      detail: `${hostile.url}${url}`,
      downloadUrl: `https://elsewhere.example${url}`,
    });
    return "answered";
  };
for (const status of [200, 400, 403, 409, 413, 429, 500])
  await uploadMeets(echo(status));
await uploadMeets(({ url }, response) => {
  response
    .writeHead(307, { location: `https://elsewhere.example${url}` })
    .end();
  return "answered";
});
await uploadMeets(({ url, socket }) => {
  socket.end(`HTTP/1.1 200 ${url}\r\n${url}\r\n\r\n`);
  return "answered";
});
await uploadMeets((request) => {
  request.socket.destroy();
  return "answered";
});

/** One more backup, of which the download goes wrong. */
async function downloadMeets(
  dealing: (typeof hostile)["mischief"],
): Promise<void> {
  const request = await ask(hostile);
  await old.carryover.sync();
  await approve(request.requestId, request.verificationPin);
  await fresh.carryover.sync();
  hostile.mischief = dealing;
  await failing(
    fresh.carryover.applyRemoteMessageHistoryBackup(request.requestId),
  );
  hostile.mischief = () => "pass";
  await fresh.carryover
    .cancelRemoteMessageHistoryBackup(request.requestId)
    .catch(() => undefined);
}
for (const status of [404, 500]) await downloadMeets(echo(status));
const storedSize = (url: string | undefined) =>
  hostile.files.get(url ?? "")?.length ?? 0;
await downloadMeets(({ url }, response) => {
  response.writeHead(200).end(Buffer.alloc(storedSize(url)));
  return "answered";
});
await downloadMeets(({ url }, response) => {
  response.writeHead(200).end(Buffer.alloc(storedSize(url) + 1));
  return "answered";
});
await downloadMeets(({ url }, response) => {
  response.writeHead(200).end(Buffer.alloc(storedSize(url) - 1));
  return "answered";
});
await downloadMeets(({ url }, response) => {
  response
    .writeHead(302, { location: `https://elsewhere.example${url}` })
    .end();
  return "answered";
});

// Without a network, with wrong keys, and with mistyped ones.
const away = await ask(storage);
await old.carryover.sync();
network.network.faults.setReachability("unreachable");
await failing(approve(away.requestId, away.verificationPin));
network.network.faults.clear();
await old.carryover.close();
const { directory } = old;
await failing(
  createCarryover(old.client, { directory, encryptionKey: new Uint8Array(32) }),
);
await failing(
  createCarryover(old.client, {
    directory,
    encryptionKey: new Uint8Array(31).fill(7),
  }),
);
const identity = await generateX25519Identity();
const mistyped = `${identity.slice(0, -1)}${identity.endsWith("Q") ? "P" : "Q"}`;
for (const wrong of [identity, mistyped, `${token}${identity}`]) {
  secrets.add(wrong);
  await failing(
    fresh.carryover.loadMessageBackupFile({
      open: async () => streamOf(new TextEncoder().encode("no file at all")),
      secret: { kind: "ageIdentity", identity: wrong },
    }),
  );
}
for (const url of [
  `https://user:${token}@storage.example`,
  `https://10.0.0.1/${token}`,
  `${token}://`,
  `https://no-such-host.invalid/${token}`,
])
  await failing(ask({ url }));

await stage.close();
const report: StoryReport = {
  secrets: [...secrets],
  verificationPins: [...verificationPins],
  errors,
  events,
};
await new Promise<void>((resolve) => {
  if (process.send === undefined) resolve();
  else process.send(report, () => resolve());
});
