import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where work with Backup Account Files is done unless an app says otherwise: the same for all processes of a user. */
export function defaultAccountFileDirectory(): string {
  return join(tmpdir(), `carryover-${process.geteuid?.() ?? "work"}`);
}
