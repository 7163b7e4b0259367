import { daysLeftWords } from "@carryover/client/words";
import { refreshBackupAccountFileBy } from "@carryover/client";
import type { Command } from "commander";
import { exitCodes } from "../../exit-code.js";
import type { Output } from "../../output.js";
import {
  listNotes,
  type ProfileNote,
} from "../../profile/account-file-notes.js";
import { exists } from "../../profile/private-file.js";
import { shortId } from "../../terminal/format.js";
import { hint } from "../../terminal/hint.js";
import { table } from "../../terminal/layout.js";
import { commandOf, type CommonOptions, type Run } from "../command-line.js";
import { daysLeftJson, summaryJson } from "./file-view.js";

/** `carryover account list`: the files that this home knows of, and how long they are good. Offline. */
export function listCommand(run: Run): Command {
  return commandOf(
    "list",
    "list the files that were made or used here, and refresh-by dates",
  ).action(async (_options, command: Command) => {
    await run(command.opts<CommonOptions>(), async ({ home, output }) => {
      const notes = await listNotes(home);
      const there = await Promise.all(notes.map(({ path }) => exists(path)));
      output.json({
        ok: true,
        command: "account list",
        files: notes.map((note, index) => ({
          file: note.path,
          profile: note.profile,
          state: note.state,
          isThere: there[index] === true,
          summary: summaryJson(note.summary),
          daysLeft: daysLeftJson(daysLeftOf(note)),
        })),
      });
      if (notes.length === 0)
        output.say(
          "No Backup Account File was made or used here. Make one with:",
          `  ${hint("account create FILE --profile NAME")}`,
        );
      else
        output.say(
          ...notesTable(notes, there, output),
          ...(notes.some(({ state }) => state === "inUse")
            ? ["", `Refresh one with: ${hint("account refresh FILE")}`]
            : []),
        );
      return exitCodes.done;
    });
  });
}

const daysLeftOf = ({ summary }: ProfileNote) =>
  refreshBackupAccountFileBy(summary, Date.now());

function notesTable(
  notes: readonly ProfileNote[],
  there: readonly boolean[],
  output: Output,
): string[] {
  return table(
    [
      { title: "FILE", shrinks: "shrinks" },
      { title: "PROFILE" },
      { title: "INSTALLATION" },
      { title: "REFRESH BY" },
    ],
    notes.map((note, index) => [
      `${note.path}${there[index] === true ? "" : " (moved)"}`,
      note.profile,
      `${shortId(note.summary.installationId)}…`,
      note.state === "revoked" ? "revoked" : daysLeftWords(daysLeftOf(note)),
    ]),
    output.width,
  );
}

/** A line for each file that should be refreshed soon, for other listings. */
export function refreshWarnings(
  notes: readonly ProfileNote[],
  { style }: Output,
): string[] {
  return notes
    .filter(
      (note) => note.state === "inUse" && daysLeftOf(note).state !== "good",
    )
    .map(
      (note) =>
        `${style.yellow("!")} Backup Account File ${shortId(note.summary.installationId)}… of ${note.profile}: refresh by ${daysLeftWords(daysLeftOf(note))}`,
    );
}
