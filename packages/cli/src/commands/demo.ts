import { Argument, type Command } from "commander";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { runDemo } from "../demo/run-demo.js";
import { runLostPhone } from "../demo/run-lost-phone.js";
import { createStage } from "../demo/stage.js";
import { createTemporaryHome } from "../demo/temporary-home.js";
import { type ExitCode, exitCodes } from "../exit-code.js";
import { formatSeconds } from "../terminal/format.js";
import { commandOf, type CommonOptions, type Run } from "./command-line.js";
import { join } from "node:path";

interface DemoOptions extends CommonOptions {
  yes?: boolean;
}

const stories = ["new-phone", "lost-phone"] as const;

type Story = (typeof stories)[number];

const titles: Record<Story, string> = {
  "new-phone": "Carryover: a message history moves to a new phone",
  "lost-phone": "Carryover: every device is lost, and everything comes back",
};

/** `carryover demo`: the whole story in one terminal, on real clients and a real server. */
export function demoCommand(run: Run): Command {
  return commandOf(
    "demo",
    "watch a history move from an old phone to a new one, and check it",
  )
    .addArgument(
      new Argument(
        "[story]",
        "new-phone, or lost-phone: every device is lost, and a file brings everything back",
      )
        .choices(stories)
        .default("new-phone"),
    )
    .option(
      "-y, --yes",
      "answer the question for you; so it is without a terminal",
    )
    .action(async (story: Story, _options, command: Command) => {
      const options = command.opts<DemoOptions>();
      await run(options, (context) => demo(context, story, options));
    });
}

async function demo(
  context: CommandContext,
  story: Story,
  { yes }: DemoOptions,
): Promise<ExitCode> {
  const { output, prompt, signal } = context;
  const startedAt = performance.now();
  output.say(
    output.style.bold(titles[story]),
    "Real XMTP clients, a local XMTP network and a storage service, all in this",
    "process. Nothing leaves this machine.",
  );
  const { startDevServices } = await import("../network/dev-services.js");
  const home = await createTemporaryHome();
  try {
    const services = await startDevServices({
      directory: join(home.directory, "dev"),
      ports: { grpc: 0, grpcWeb: 0, storage: 0 },
    });
    try {
      const stage = await createStage(services, home.directory);
      try {
        const answers =
          yes === true || !prompt.isInteractive ? "alwaysYes" : "person";
        const result =
          story === "lost-phone"
            ? await runLostPhone(
                context,
                stage,
                { services, directory: home.directory },
                answers,
              )
            : await runDemo(context, stage, services, answers);
        const durationMs = Math.round(performance.now() - startedAt);
        const { user, system } = process.cpuUsage();
        output.json({
          ok: true,
          command: "demo",
          story,
          durationMs,
          cpuMs: Math.round((user + system) / 1_000),
          ...result,
        });
        output.say("", `Done in ${formatSeconds(durationMs)}.`);
      } finally {
        await stage.close();
      }
    } finally {
      await services.close();
    }
  } catch (error) {
    throw signal.aborted
      ? new CliError(
          "interrupted",
          "stopped on request",
          "Nothing of it is left on this machine. Run it again to see it from the beginning.",
          { cause: error },
        )
      : error;
  } finally {
    await home.remove();
  }
  output.say("Nothing of it is left on this machine.");
  return exitCodes.done;
}
