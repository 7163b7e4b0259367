import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWalletKey } from "../xmtp/wallet-signature.js";
import { type Home, locateHome, parseName } from "./home.js";
import { writePrivateFile } from "./private-file.js";
import {
  createProfile,
  listProfiles,
  loadKeys,
  loadProfile,
  saveProfile,
} from "./profile-store.js";
import { loadWallet, parseWalletKey, saveWallet } from "./wallet-store.js";

let home: Home;

beforeEach(async () => {
  home = locateHome(await mkdtemp(join(tmpdir(), "carryover-test-")), {});
});

afterEach(async () => {
  await rm(home.directory, { recursive: true });
});

const settings = {
  name: "old-phone",
  wallet: "alix",
  environment: "local",
  pinMode: "enter",
  appName: "Carryover (old-phone)",
  allowedStorageOrigins: ["https://backups.example.org"],
} as const;

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe("profiles", () => {
  it("come back as they were made, with what was learnt since", async () => {
    const profile = await createProfile(home, settings);
    await saveProfile({ ...profile, inboxId: "aa", installationId: "bb" });
    expect(await loadProfile(home, "old-phone")).toEqual({
      ...profile,
      inboxId: "aa",
      installationId: "bb",
    });
    expect((await listProfiles(home)).map(({ name }) => name)).toEqual([
      "old-phone",
    ]);
  });

  it("keep their keys in files for their owner alone, and no key in the record", async () => {
    const profile = await createProfile(home, settings);
    const keys = await loadKeys(profile);
    expect(keys.databaseKey).toHaveLength(32);
    expect(keys.recordsKey).not.toEqual(keys.databaseKey);
    expect(await modeOf(profile.directory)).toBe(0o700);
    for (const file of await readdir(profile.directory))
      expect(await modeOf(join(profile.directory, file))).toBe(0o600);
    const record = await readFile(
      join(profile.directory, "profile.json"),
      "utf8",
    );
    expect(record).not.toContain(Buffer.from(keys.databaseKey).toString("hex"));
  });

  it("are not made twice", async () => {
    const profile = await createProfile(home, settings);
    const keys = await loadKeys(profile);
    await expect(createProfile(home, settings)).rejects.toMatchObject({
      code: "profileExists",
    });
    expect(await loadKeys(profile)).toEqual(keys);
  });

  it("with a key that others can read are refused", async () => {
    const profile = await createProfile(home, settings);
    await chmod(join(profile.directory, "database.key"), 0o644);
    await expect(loadKeys(profile)).rejects.toMatchObject({
      code: "notPrivate",
      exitCode: 4,
    });
  });

  it("are made private by the line that is said, also where the path has spaces", async () => {
    const directory = join(home.directory, "my home");
    const profile = await createProfile(locateHome(directory, {}), settings);
    const key = join(profile.directory, "database.key");
    await chmod(key, 0o644);
    await expect(loadKeys(profile)).rejects.toMatchObject({
      advice: expect.stringContaining(`chmod 600 '${key}'`) as string,
    });
  });

  it.each(["", "{", "[]", '{"version":2}', '{"version":1,"wallet":"a"}'])(
    "with the record %j are said to be damaged",
    async (record) => {
      const profile = await createProfile(home, settings);
      await writeFile(join(profile.directory, "profile.json"), record);
      await expect(loadProfile(home, "old-phone")).rejects.toMatchObject({
        code: "profileUnreadable",
      });
      expect(await listProfiles(home)).toEqual([]);
    },
  );

  it.each(["", "..", "a/b", "A", "-x", "a".repeat(33), ".hidden"])(
    "cannot be named %j",
    (name) => {
      expect(() => parseName("profile", name)).toThrow(
        expect.objectContaining({ code: "usage" }),
      );
    },
  );
});

describe("wallets", () => {
  it("come back, are private, and are not overwritten", async () => {
    const key = createWalletKey();
    await saveWallet(home, "alix", key);
    expect(await loadWallet(home, "alix")).toEqual(key);
    expect(await modeOf(home.walletFile("alix"))).toBe(0o600);
    await expect(
      saveWallet(home, "alix", createWalletKey()),
    ).rejects.toMatchObject({ code: "walletExists" });
    expect(await loadWallet(home, "alix")).toEqual(key);
  });

  it("say nothing of a damaged key's text", async () => {
    await saveWallet(home, "alix", createWalletKey());
    await rm(home.walletFile("alix"));
    await writePrivateFile(
      home.walletFile("alix"),
      '{"privateKey":"zz-secret"}',
      "keep",
    );
    const error: unknown = await loadWallet(home, "alix").catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "walletUnreadable" });
    expect(JSON.stringify(error) + String(error)).not.toContain("zz-secret");
  });

  it("are imported in the spellings that wallets export", () => {
    const { privateKey, address } = createWalletKey();
    const hex = Buffer.from(privateKey).toString("hex");
    expect(parseWalletKey(`0x${hex.toUpperCase()}\n`).address).toBe(address);
    expect(parseWalletKey(hex).address).toBe(address);
    for (const wrong of ["", hex.slice(1), "0".repeat(64), "f".repeat(64)])
      expect(() => parseWalletKey(wrong)).toThrow(
        expect.objectContaining({ code: "usage" }),
      );
  });
});
