import {
  AccountFileError,
  type AccountFileErrorCode,
  accountFileAt,
  type AccountFilePlace,
  type AccountFileSummary,
  CarryoverError,
  inspectBackupAccountFile,
  type InspectedBackupAccountFile,
  type ProtectionChoice,
  type SecretChoice,
} from "@carryover/xmtp-node";
import { identityToRecipient } from "age-encryption";
import { resolve } from "node:path";
import { CliError } from "../../cli-error.js";
import type { CommandContext } from "../../context.js";
import { listNotes, newestNote } from "../../profile/account-file-notes.js";
import { askForIdentity } from "../../profile/identity-file.js";
import { listProfiles } from "../../profile/profile-store.js";
import { listWallets, loadWallet } from "../../profile/wallet-store.js";
import { hint } from "../../terminal/hint.js";
import { showingSigner } from "../../xmtp/signer.js";
import { assertNamedFile } from "../named-file.js";
import { orItIsMessageBackupFile } from "../other-kind-of-file.js";
import { givenPassphrase } from "./passphrase.js";
import type { SecretOptions } from "./secret-options.js";

/** A Backup Account File that was opened once and checked to the last byte, and what opens it again. */
export interface OpenedFile {
  /** Absolute. */
  readonly path: string;
  readonly file: AccountFilePlace;
  readonly secret: SecretChoice;
  readonly sizeBytes: number;
  readonly protection: InspectedBackupAccountFile["protection"];
  readonly contents: NonNullable<InspectedBackupAccountFile["contents"]>;
  /** The newest copy that any profile of this home knows of. */
  readonly known?: AccountFileSummary;
}

/**
 * What everybody can see of a file, and where it is.
 *
 * @throws {CliError} `fileMissing`, `fileUnreadable`
 * @throws {AccountFileError} `notAccountFile`, …
 */
export async function lookAtFile(
  { signal }: CommandContext,
  path: string,
): Promise<{
  path: string;
  file: AccountFilePlace;
  seen: InspectedBackupAccountFile;
}> {
  const place = resolve(path);
  await assertNamedFile(place);
  const file = accountFileAt(place);
  return {
    path: place,
    file,
    seen: await inspectBackupAccountFile({ file, signal }),
  };
}

/**
 * Asks for what opens a file, and opens it. A typed passphrase can be typed again.
 *
 * @throws {AccountFileError} for a file that does not open
 * @throws {LocalFileError} `notAccountFile` for a Message Backup File
 * @throws {CarryoverError} `accountFileOfAnotherEnvironment`
 * @throws {CliError} `secretMissing`, `walletMissing`, `fileMissing`, `fileUnreadable`, `notPrivate`
 */
export async function openFile(
  context: CommandContext,
  path: string,
  options: SecretOptions & { defaultWallet?: string },
): Promise<OpenedFile> {
  const { signal, home } = context;
  const { file, path: place, seen } = await lookAtFile(context, path);
  const { secret, contents } = await untilItOpens(
    context,
    seen.protection,
    options,
    async (secret) => {
      const { contents } = await inspectBackupAccountFile({
        file,
        secret,
        signal,
      }).catch(async (error: unknown) => {
        throw secret.kind === "identities"
          ? await orItIsMessageBackupFile(error, {
              path: place,
              identities: secret.identities,
              signal,
            })
          : error;
      });
      if (contents === undefined) throw new Error("opened without contents");
      return contents;
    },
  );
  const note = newestNote(
    await listNotes(home),
    contents.header.installationId,
  );
  return {
    path: place,
    file,
    secret,
    sizeBytes: seen.sizeBytes,
    protection: seen.protection,
    contents,
    ...(note === undefined ? {} : { known: note.summary }),
  };
}

const mistyped: readonly AccountFileErrorCode[] = ["wrongPassphrase"];
const triesAtTerminal = 3;

const untilItOpens = <Contents>(
  context: CommandContext,
  protection: InspectedBackupAccountFile["protection"],
  options: SecretOptions & { defaultWallet?: string },
  open: (secret: SecretChoice) => Promise<Contents>,
): Promise<{ secret: SecretChoice; contents: Contents }> =>
  context.prompt.hidden(() => tryToOpen(context, protection, options, open));

async function tryToOpen<Contents>(
  context: CommandContext,
  protection: InspectedBackupAccountFile["protection"],
  options: SecretOptions & { defaultWallet?: string },
  open: (secret: SecretChoice) => Promise<Contents>,
): Promise<{ secret: SecretChoice; contents: Contents }> {
  const { output, prompt } = context;
  for (let tries = 1; ; tries += 1) {
    const { secret, source } = await askForSecret(context, protection, options);
    try {
      return { secret, contents: await open(secret) };
    } catch (error) {
      if (
        !(error instanceof AccountFileError) ||
        !mistyped.includes(error.code) ||
        source !== "typed" ||
        !prompt.isInteractive ||
        tries === triesAtTerminal
      )
        throw error;
      output.say(
        `${output.style.red("✗")} That does not open it. Capital letters, spaces, keyboard layout?`,
      );
    }
  }
}

async function askForSecret(
  context: CommandContext,
  { kind }: InspectedBackupAccountFile["protection"],
  options: SecretOptions & { defaultWallet?: string },
): Promise<{ secret: SecretChoice; source: "given" | "typed" }> {
  const { home, output, prompt } = context;
  switch (kind) {
    case "passphrase": {
      const given = await givenPassphrase(context, options.passphraseFile);
      return given === undefined
        ? {
            secret: {
              kind: "passphrase",
              passphrase: await prompt.secret(
                "Passphrase of the file (not shown): ",
              ),
            },
            source: "typed",
          }
        : {
            secret: { kind: "passphrase", passphrase: given },
            source: "given",
          };
    }
    case "walletSignature": {
      const name = await chooseWallet(context, options);
      const signer = showingSigner(await loadWallet(home, name), name, output);
      return { secret: { kind: "wallet", signer }, source: "given" };
    }
    case "recipients":
      return {
        secret: {
          kind: "identities",
          identities: [await askForIdentity(context, options.identityFile)],
        },
        source: "given",
      };
    case "passkey":
      throw new CliError(
        "secretMissing",
        "the file is protected by a passkey",
        "Nothing was opened. A passkey works in a browser alone: open the file in the web app that made it.",
      );
  }
}

/**
 * Which wallet signs: the one that is named, else the profile's, else the only one there is.
 *
 * @throws {CliError} `walletMissing`
 */
export async function chooseWallet(
  { home }: CommandContext,
  { wallet, defaultWallet }: { wallet?: string; defaultWallet?: string },
): Promise<string> {
  if (wallet !== undefined) return wallet;
  if (defaultWallet !== undefined) return defaultWallet;
  const wallets = await listWallets(home);
  const [only] = wallets;
  if (only !== undefined && wallets.length === 1) return only;
  throw new CliError(
    "walletMissing",
    wallets.length === 0
      ? "a wallet has to sign, and there is none here"
      : "a wallet has to sign, and there are several here",
    `Nothing was changed. Name it with --wallet; import one with: ${hint("wallet import NAME")}`,
  );
}

/** The wallet of the account that a file belongs to, where a profile of this home says so. */
export async function walletOfInbox(
  { home }: CommandContext,
  inboxId: string,
): Promise<string | undefined> {
  return (await listProfiles(home)).find(
    (profile) => profile.inboxId === inboxId,
  )?.wallet;
}

/**
 * How a newer copy is protected, where the engine cannot tell by itself: an identity does not say who else a file is for.
 *
 * @param recipients - that a person named
 * @throws {CliError} `usage` when the file is for several
 */
export async function protectionOfCopy(
  { secret, protection }: Pick<OpenedFile, "secret" | "protection">,
  recipients: readonly string[] | undefined,
): Promise<ProtectionChoice | undefined> {
  if (secret.kind !== "identities") return undefined;
  if (recipients !== undefined) return { kind: "recipients", recipients };
  const [identity] = secret.identities;
  if (
    typeof identity !== "string" ||
    (protection.kind === "recipients" && protection.stanzaTypes.length > 1)
  )
    throw new CliError(
      "usage",
      "the file is for several age recipients, and one key does not tell the others",
      "Nothing was changed. Name every recipient of the newer copy with --recipient.",
    );
  return {
    kind: "recipients",
    recipients: [await identityToRecipient(identity)],
  };
}

/** A file's XMTP network. @throws {CarryoverError} `accountFileOfAnotherEnvironment` */
export function environmentOf({
  contents,
}: Pick<OpenedFile, "contents">): "local" | "dev" | "production" {
  const { environment } = contents.header;
  if (
    environment === "local" ||
    environment === "dev" ||
    environment === "production"
  )
    return environment;
  throw new CarryoverError(
    "accountFileOfAnotherEnvironment",
    "the file is of an XMTP network that this version does not know",
  );
}
