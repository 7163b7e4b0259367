import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { armor } from "age-encryption";
import { privateKeyToAccount } from "viem/accounts";
import { expect, it } from "vitest";
import {
  AccountFileError,
  type AccountFileSecret,
  inspectBackupAccountFile,
  keyFromWalletSignature,
  verifyBackupAccountFile,
  walletSigningText,
} from "./index.js";
import { flip, join, streamOfBytes } from "./testing/bytes.js";
import {
  armoredFiles,
  fileVectors,
  type FileVector,
  type VectorChange,
  type VectorSecret,
} from "./testing/vectors/files.js";
import { toVectorJson } from "./testing/vectors/vector.js";
import { walletKeyVectors } from "./testing/vectors/wallet-keys.js";

const pathOf = (name: string) =>
  fileURLToPath(
    new URL(`../../../vectors/account-file/${name}`, import.meta.url),
  );
const readJson = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(pathOf(name), "utf8"));
const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

it.each([
  ...Object.entries(armoredFiles).map(
    ([name, text]) => [`${name}.age`, text] as const,
  ),
  ...Object.entries({
    "files.json": fileVectors,
    "wallet-keys.json": walletKeyVectors,
  }).map(
    ([name, json]) => [name, `${JSON.stringify(json, null, 2)}\n`] as const,
  ),
])(
  "vectors/account-file/%s is what its source makes (npm run vectors --workspace packages/account-file)",
  async (name, content) => {
    await expect(content).toMatchFileSnapshot(pathOf(name));
  },
);

/** What came out, as the vectors write it. */
const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(toVectorJson, (error: unknown) => {
    if (error instanceof AccountFileError) return { error: error.code };
    throw error;
  });

const changed = (
  file: Uint8Array,
  change: VectorChange | undefined,
): Uint8Array => {
  if (change === undefined) return file;
  if ("cutTo" in change) return file.subarray(0, change.cutTo);
  if ("append" in change) return join(file, fromHex(change.append));
  return flip(file, change.flipLowestBitAt);
};

/** As an app does it: see what the file asks for, then ask for it. */
const secretFor = async (
  file: Uint8Array,
  secret: VectorSecret,
): Promise<AccountFileSecret> => {
  if ("passphrase" in secret) return { kind: "passphrase", ...secret };
  if ("identity" in secret)
    return { kind: "identities", identities: [secret.identity] };
  const wallet = privateKeyToAccount(
    secret.walletSignatureOf.privateKey as `0x${string}`,
  );
  const { address } = wallet;
  const { protection } = await inspectBackupAccountFile({
    file: streamOfBytes(file),
  });
  if (protection.kind !== "walletSignature")
    throw new Error("the file asks for no wallet");
  const { salt } = protection;
  const signature = await wallet.signMessage({
    message: walletSigningText({ address, salt }),
  });
  return {
    kind: "walletSignature",
    key: await keyFromWalletSignature({ address, salt, signature }),
  };
};

const open = async ({ file, change, secret }: FileVector) => {
  const bytes = changed(
    armor.decode(await readFile(pathOf(`${file}.age`), "utf8")),
    change,
  );
  const { header } = await verifyBackupAccountFile({
    file: streamOfBytes(bytes),
    secret: await secretFor(bytes, secret),
  });
  return { header, databaseSha256: header.database.sha256 };
};

it("vectors/account-file/files.json holds, as it stands on the disk", async () => {
  const { cases } = (await readJson("files.json")) as typeof fileVectors;
  expect(cases.length).toBeGreaterThan(25);
  for (const vector of cases)
    expect(
      await outcomeOf(open(vector)),
      `${vector.name}: ${vector.file}`,
    ).toEqual(vector.expected);
});

it("vectors/account-file/wallet-keys.json holds, as it stands on the disk", async () => {
  const vectors = (await readJson(
    "wallet-keys.json",
  )) as typeof walletKeyVectors;
  const { address } = vectors;
  const salt = fromHex(vectors.salt);
  expect(walletSigningText({ address, salt })).toBe(vectors.text);
  expect(vectors.cases.length).toBeGreaterThan(8);
  for (const { name, signature, expected } of vectors.cases)
    expect(
      await outcomeOf(
        keyFromWalletSignature({ address, salt, signature }).then(
          ({ identity, recipient }) => ({ identity, recipient }),
        ),
      ),
      name,
    ).toEqual(expected);
});
