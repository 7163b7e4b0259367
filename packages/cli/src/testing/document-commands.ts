import { readFileSync } from "node:fs";

/** A command line of a document. */
export interface DocumentCommand {
  /** As it stands there. */
  readonly line: string;
  /** Without `npx carryover`; `rm` and a profile where its directory is deleted. */
  readonly args: readonly string[];
  /** `# exit 3` beside it; 0 where nothing is said. */
  readonly exitCode: number;
  /** What has to happen before: words behind the block's language. */
  readonly before: "nothing" | "stop-dev" | "start-dev";
}

/** How a document loses a phone. */
const deletesProfile =
  /^rm -r "\$\{CARRYOVER_HOME:-\$HOME\/\.carryover\}\/profiles\/([a-z-]+)"$/;

/** Every `npx carryover` line in the `sh` blocks of a document, in order. */
export function commandsOf(path: URL): DocumentCommand[] {
  const document = readFileSync(path, "utf8");
  const commands: DocumentCommand[] = [];
  for (const [, tag = "", body = ""] of document.matchAll(
    /^```sh ?([a-z-]*)\n([\s\S]*?)^```$/gm,
  )) {
    for (const [index, line] of body.split("\n").entries()) {
      const [command = "", comment = ""] = line.split("#", 2);
      const [npx, name, ...others] = command.trim().split(/ +/);
      const [, deleted] = deletesProfile.exec(command) ?? [];
      if (deleted === undefined && (npx !== "npx" || name !== "carryover"))
        continue;
      const args = deleted === undefined ? others : ["rm", deleted];
      commands.push({
        line,
        args,
        exitCode: Number(/exit (\d+)/.exec(comment)?.[1] ?? 0),
        before: index === 0 && isStep(tag) ? tag : "nothing",
      });
    }
  }
  return commands;
}

const isStep = (tag: string): tag is "stop-dev" | "start-dev" =>
  ["stop-dev", "start-dev"].includes(tag);

/** Command lines in the `sh` blocks that are not the `carryover` command. */
export function otherCommandsOf(path: URL): string[] {
  const document = readFileSync(path, "utf8");
  return [...document.matchAll(/^```sh ?[a-z-]*\n([\s\S]*?)^```$/gm)]
    .flatMap(([, body = ""]) => body.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("npx carryover "));
}
