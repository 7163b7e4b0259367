import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type AccountFileNote,
  listNotes,
  loadNotes,
  newestNote,
  noteAccountFile,
  updateNotes,
} from "./account-file-notes.js";
import { type Home, locateHome } from "./home.js";
import { createProfile, type Profile } from "./profile-store.js";

let directory: string;
let home: Home;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "carryover-notes-"));
  home = locateHome(directory, {});
});

afterEach(() => rm(directory, { recursive: true }));

const profileOf = (name: string): Promise<Profile> =>
  createProfile(home, {
    name,
    environment: "local",
    wallet: "alix",
    pinMode: "show",
    appName: name,
    allowedStorageOrigins: [],
  });

const note = (
  installationId: string,
  more: Partial<AccountFileNote["summary"]> = {},
): AccountFileNote => ({
  path: `/files/${installationId}.age`,
  state: "inUse",
  summary: {
    environment: "local",
    inboxId: "i",
    installationId,
    sequence: 1,
    createdAtMs: 1,
    refreshedAtMs: 1,
    keyPackageExpiresAtMs: 84,
    ...more,
  },
});

describe("notes of Backup Account Files", () => {
  it("are kept as they were made, one for each file", async () => {
    const profile = await profileOf("a");
    expect(await loadNotes(profile)).toEqual([]);
    await noteAccountFile(profile, note("x"));
    await noteAccountFile(profile, note("y", { messagesKeptUntilMs: 30 }));
    await noteAccountFile(profile, note("x", { sequence: 2, seededAtMs: 5 }));
    expect(await loadNotes(profile)).toEqual([
      note("y", { messagesKeptUntilMs: 30 }),
      note("x", { sequence: 2, seededAtMs: 5 }),
    ]);
  });

  it("of all profiles come in the order in which they have to be refreshed, revoked ones last", async () => {
    const [a, b] = [await profileOf("a"), await profileOf("b")];
    await noteAccountFile(a, note("late", { keyPackageExpiresAtMs: 200 }));
    await noteAccountFile(a, {
      ...note("gone", { keyPackageExpiresAtMs: 2 }),
      state: "revoked",
    });
    await noteAccountFile(b, note("soon", { messagesKeptUntilMs: 10 }));
    const notes = await listNotes(home);
    expect(
      notes.map(({ profile, summary }) => [profile, summary.installationId]),
    ).toEqual([
      ["b", "soon"],
      ["a", "late"],
      ["a", "gone"],
    ]);
  });

  it("tell the newest copy, and change wherever a file is known", async () => {
    const [a, b] = [await profileOf("a"), await profileOf("b")];
    await noteAccountFile(a, note("x", { sequence: 3 }));
    await noteAccountFile(b, note("x", { sequence: 2 }));
    expect(newestNote(await listNotes(home), "x")?.summary.sequence).toBe(3);
    expect(newestNote(await listNotes(home), "z")).toBeUndefined();
    await updateNotes(home, "x", (each) => ({ ...each, state: "revoked" }));
    expect((await listNotes(home)).map(({ state }) => state)).toEqual([
      "revoked",
      "revoked",
    ]);
  });

  it.each([
    ["no JSON", "{"],
    ["another version", '{"version":2,"files":[]}'],
    ["no list", '{"version":1,"files":{}}'],
    ["half a note", '{"version":1,"files":[{"path":"/x","state":"inUse"}]}'],
    [
      "a state that is none",
      JSON.stringify({ version: 1, files: [{ ...note("x"), state: "lost" }] }),
    ],
  ])("that are damaged (%s) are an error, and not nothing", async (_, text) => {
    const profile = await profileOf("a");
    await writeFile(join(profile.directory, "account-files.json"), text, {
      mode: 0o600,
    });
    await expect(loadNotes(profile)).rejects.toMatchObject({
      code: "profileUnreadable",
    });
  });
});
