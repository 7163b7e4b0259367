import { Command } from "commander";
import type { Run } from "../command-line.js";
import { createCommand } from "./create.js";
import { inspectCommand } from "./inspect.js";
import { listCommand } from "./list.js";
import { refreshCommand } from "./refresh.js";
import { requestsCommand } from "./requests.js";
import { restoreCommand } from "./restore.js";
import { revokeAccountFileCommand } from "./revoke.js";
import { verifyCommand } from "./verify.js";

/** `carryover account …`: Backup Account Files, for the person who lost every device. */
export function accountCommand(run: Run): Command {
  return new Command("account")
    .description(
      "Backup Account Files: get everything back when every device is lost",
    )
    .addCommand(createCommand(run))
    .addCommand(listCommand(run))
    .addCommand(verifyCommand(run))
    .addCommand(refreshCommand(run))
    .addCommand(restoreCommand(run))
    .addCommand(requestsCommand(run))
    .addCommand(inspectCommand(run))
    .addCommand(revokeAccountFileCommand(run));
}
