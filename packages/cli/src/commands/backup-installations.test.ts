import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseInstallationId } from "@carryover/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { noteAccountFile } from "../profile/account-file-notes.js";
import { type Home, locateHome } from "../profile/home.js";
import { createProfile, type Profile } from "../profile/profile-store.js";
import { backupInstallations } from "./backup-installations.js";

const told = parseInstallationId("aa".repeat(32));
const noted = "bb".repeat(32);
const carryover = { listBackupInstallations: async () => [told] };

let home: Home;
let profile: Profile;

beforeEach(async () => {
  home = locateHome(await mkdtemp(join(tmpdir(), "carryover-backups-")), {});
  profile = await createProfile(home, {
    name: "old-phone",
    environment: "local",
    wallet: "alix",
    pinMode: "show",
    appName: "Carryover",
    allowedStorageOrigins: [],
  });
});

afterEach(async () => {
  await rm(home.directory, { recursive: true, force: true });
});

it("are those that say so themselves, and those that a profile has noted", async () => {
  await noteAccountFile(profile, {
    path: "/usb/alix.age",
    state: "inUse",
    summary: {
      environment: "local",
      inboxId: "cc".repeat(32),
      installationId: noted,
      sequence: 1,
      createdAtMs: 1,
      refreshedAtMs: 1,
      keyPackageExpiresAtMs: 2,
    },
  });
  expect(await backupInstallations(home, carryover)).toEqual(
    new Set([told, noted]),
  );
});

it("are told without the notes where those are damaged: what was imported is reported all the same", async () => {
  await writeFile(join(profile.directory, "account-files.json"), "{", {
    mode: 0o600,
  });
  expect(await backupInstallations(home, carryover)).toEqual(new Set([told]));
});
