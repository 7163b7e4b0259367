import { protectionWords } from "@carryover/client/words";
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { exitCodes } from "../../exit-code.js";
import type { Json } from "../../output.js";
import { listProfiles } from "../../profile/profile-store.js";
import { namesOf } from "../../session.js";
import { formatBytes } from "../../terminal/format.js";
import { hint } from "../../terminal/hint.js";
import { printable } from "../../terminal/text.js";
import { commandOf, type CommonOptions, type Run } from "../command-line.js";
import {
  daysLeftJson,
  fact,
  summaryJson,
  summaryLines,
  warning,
} from "./file-view.js";
import { lookAtFile, type OpenedFile, openFile } from "./open-file.js";
import { type SecretOptions, withSecretOptions } from "./secret-options.js";

interface InspectOptions extends SecretOptions, CommonOptions {
  open?: boolean;
}

/** `carryover account inspect FILE`: what a file is; without its secret what everybody can see. No network. */
export function inspectCommand(run: Run): Command {
  return withSecretOptions(
    commandOf("inspect", "say what a Backup Account File is, offline"),
  )
    .argument("<file>", "the Backup Account File")
    .option("--open", "ask for what opens it, check it whole, and say more")
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<InspectOptions>();
      await run(options, (context) => inspect(context, path, options));
    });
}

async function inspect(
  context: CommandContext,
  path: string,
  options: InspectOptions,
) {
  const { environment } = context;
  const isToOpen =
    options.open === true ||
    options.passphraseFile !== undefined ||
    options.identityFile !== undefined ||
    options.wallet !== undefined ||
    (environment["CARRYOVER_PASSPHRASE"] ?? "") !== "";
  if (isToOpen)
    await sayContents(context, await openFile(context, path, options));
  else await sayPublicPart(context, path);
  return exitCodes.done;
}

async function sayPublicPart(context: CommandContext, path: string) {
  const { output } = context;
  const { path: place, seen } = await lookAtFile(context, path);
  output.json({
    ok: true,
    command: "account inspect",
    file: place,
    sizeBytes: seen.sizeBytes,
    protection: protectionJson(seen.protection),
    contents: "notOpened",
  });
  output.say(
    `An age file, ${formatBytes(seen.sizeBytes)}.`,
    fact("opens with", protectionWords(seen.protection)),
    "  Whether it is a Backup Account File shows when it is opened.",
    `  To open it: ${hint("account inspect --open FILE")}`,
  );
}

async function sayContents(
  { home, output }: CommandContext,
  { path, sizeBytes, protection, contents, known }: OpenedFile,
) {
  const { header, summary, daysLeft, unknownFields } = contents;
  const isOlder = known !== undefined && known.sequence > summary.sequence;
  output.json({
    ok: true,
    command: "account inspect",
    file: path,
    sizeBytes,
    protection: protectionJson(protection),
    contents: "verified",
    version: header.version,
    role: header.role,
    producer: { ...header.producer },
    account: { ...header.account },
    summary: summaryJson(summary),
    daysLeft: daysLeftJson(daysLeft),
    copy: isOlder ? "olderCopy" : "newestKnown",
    unknownFields: [...unknownFields],
  });
  const owner = namesOf(await listProfiles(home))(summary.inboxId);
  const { name, version, libxmtpVersion } = header.producer;
  output.say(
    `${output.style.green("✓")} A Backup Account File, version ${header.version}: whole, ${formatBytes(sizeBytes)}.`,
    fact("opens with", protectionWords(protection)),
    ...summaryLines(summary, output, owner),
    fact(
      "written by",
      printable(`${name} ${version}, libxmtp ${libxmtpVersion}`),
    ),
    ...(isOlder
      ? warning(
          output,
          "A newer copy of this file is known here. Use that one: this one misses what came after.",
        )
      : []),
    ...(unknownFields.length === 0
      ? []
      : warning(
          output,
          `It also says something that this version does not know: ${printable(unknownFields.join(", "))}`,
        )),
    `  Whether it was revoked, and what it brings back: ${hint("account verify FILE")}`,
  );
}

function protectionJson(protection: OpenedFile["protection"]): {
  [key: string]: Json;
} {
  return protection.kind === "recipients"
    ? { kind: protection.kind, stanzaTypes: [...protection.stanzaTypes] }
    : { kind: protection.kind };
}
