import type { Command } from "commander";
import { exitCodes } from "../exit-code.js";
import { listNotes } from "../profile/account-file-notes.js";
import { listProfiles } from "../profile/profile-store.js";
import { shortId } from "../terminal/format.js";
import { hint } from "../terminal/hint.js";
import { table } from "../terminal/layout.js";
import { refreshWarnings } from "./account/list.js";
import { commandOf, type CommonOptions, type Run } from "./command-line.js";

/** `carryover profiles`: what this home holds. */
export function profilesCommand(run: Run): Command {
  return commandOf("profiles", "list the installations of this home").action(
    async (_options, command: Command) => {
      await run(command.opts<CommonOptions>(), async ({ home, output }) => {
        const profiles = await listProfiles(home);
        const notes = await listNotes(home);
        output.json({
          ok: true,
          command: "profiles",
          profiles: profiles.map((profile) => ({
            name: profile.name,
            wallet: profile.wallet,
            environment: profile.environment,
            pinMode: profile.pinMode,
            inboxId: profile.inboxId ?? null,
            installationId: profile.installationId ?? null,
            accountFiles: notes.filter((note) => note.profile === profile.name)
              .length,
          })),
        });
        output.say(
          ...(profiles.length === 0
            ? [
                `There is no profile yet. Make one with: ${hint("init --profile NAME --wallet NAME")}`,
              ]
            : table(
                [
                  { title: "PROFILE", shrinks: "shrinks" },
                  { title: "WALLET" },
                  { title: "NETWORK" },
                  { title: "PIN" },
                  { title: "INSTALLATION" },
                ],
                profiles.map((profile) => [
                  profile.name,
                  profile.wallet,
                  profile.environment,
                  profile.pinMode,
                  profile.installationId === undefined
                    ? "not registered"
                    : `${shortId(profile.installationId)}…`,
                ]),
                output.width,
              )),
          ...refreshWarnings(notes, output),
        );
        return exitCodes.done;
      });
    },
  );
}
