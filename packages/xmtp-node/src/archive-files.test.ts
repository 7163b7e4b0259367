import { once } from "node:events";
import { mkdir, readdir, stat, watch, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readAll, readXmtpArchive } from "@carryover/backup-file";
import {
  bundleChildProgram,
  createPerson,
  createTestNetwork,
  ended,
  newInstallation,
  populateConversations,
  type TestClient,
  type TestNetwork,
  waitFor,
} from "@carryover/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createArchiveFiles } from "./archive-files.js";
import { createNodePorts } from "./backup-file-node/node-ports.js";
import { systemRandomBytes } from "./clock.js";

describe("archives on their way through the library", () => {
  let network: TestNetwork;
  let client: TestClient;
  let messageIds: string[];
  let directory: string;
  beforeAll(async () => {
    network = await createTestNetwork();
    client = await newInstallation(createPerson(network));
    const peer = await newInstallation(createPerson(network));
    ({ messageIds } = await populateConversations(client, peer));
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    directory = join(await network.temporaryDirectory(), "archives");
  });
  const open = () => createArchiveFiles(client, directory, systemRandomBytes);

  it("can be read with their key, and hold the messages", async () => {
    const files = await open();
    const { archive, key } = await files.exportArchive({
      elements: ["messages"],
    });
    const reading = await readXmtpArchive({
      archive,
      key,
      ports: createNodePorts(),
    });
    const found = [];
    for await (const { view } of reading.elements)
      if (view.kind === "message") found.push(view.messageId);
    expect(found).toEqual(expect.arrayContaining(messageIds));
  });

  it("have no name any more once the library has written them: a killed process leaves none", async () => {
    const files = await open();
    const exported = await files.exportArchive({ elements: ["messages"] });
    await exported.written;
    expect(await readdir(directory)).toEqual([]);
    expect((await readAll(exported.archive)).length).toBeGreaterThan(1_000);
    await exported.dispose();
  });

  it("are private to their owner while the library writes them, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      const files = await open();
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
      const stop = new AbortController();
      const modes = new Set<number>();
      const looking = (async () => {
        try {
          for await (const { filename } of watch(directory, {
            signal: stop.signal,
            recursive: false,
          })) {
            const own = join(directory, filename ?? "");
            for (const path of [own, join(own, "archive")]) {
              const mode = (await stat(path).catch(() => undefined))?.mode;
              if (mode !== undefined) modes.add(mode & 0o777);
            }
          }
        } catch {
          // The signal ends it.
        }
      })();
      for (let time = 0; time < 5; time += 1) {
        const exported = await files.exportArchive({ elements: ["messages"] });
        await exported.written;
        await exported.dispose();
      }
      await waitFor("a look at an archive in the making", () => modes.size > 0);
      stop.abort();
      await looking;
      expect([...modes].filter((mode) => (mode & 0o077) !== 0)).toEqual([]);
    } finally {
      process.umask(before);
    }
  });

  it("are swept at the next start after a crash", async () => {
    await mkdir(join(directory, "archive-left"), { recursive: true });
    await writeFile(join(directory, "archive-left", "archive"), "x");
    await open();
    expect(await readdir(directory)).toEqual([]);
  });

  it("leave nothing when the export is stopped, not even after the library is done", async () => {
    const files = await open();
    const stop = new AbortController();
    const stopped = await files.exportArchive({
      elements: ["messages", "consent"],
      signal: stop.signal,
    });
    stop.abort();
    const aborted = { code: "aborted" };
    await expect(stopped.written).rejects.toMatchObject(aborted);
    await expect(readAll(stopped.archive)).rejects.toMatchObject({
      cause: aborted,
    });
    await stopped.dispose();
    // The library works them off one after the other.
    const next = await files.exportArchive({ elements: ["messages"] });
    await next.written;
    await next.dispose();
    await waitFor(
      "the directory to be empty",
      async () => (await readdir(directory)).length === 0,
    );
  });

  it("leave nothing when the import fails", async () => {
    const files = await open();
    await expect(
      files.importArchive(new Uint8Array(100), new Uint8Array(32), {
        timeoutMs: 5_000,
      }),
    ).rejects.toMatchObject({ code: "importFailed" });
    expect(await readdir(directory)).toEqual([]);
  });

  it("time out when the library spins over them, and leave nothing", async () => {
    const program = await bundleChildProgram(
      new URL("./testing/spinning-import-program.ts", import.meta.url),
    );
    const child = program.start(network.apiUrl, directory);
    try {
      const [answer] = (await once(child, "message")) as [unknown];
      expect(answer).toEqual({ code: "importTimedOut", left: [] });
    } finally {
      child.kill("SIGKILL");
      await ended(child);
      await program.remove();
    }
  });
});
