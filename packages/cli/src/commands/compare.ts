import type { Command } from "commander";
import { CliError } from "../cli-error.js";
import { exitCodes } from "../exit-code.js";
import { parseName } from "../profile/home.js";
import { type ProfileOptions, withSession } from "../session.js";
import { counted, formatCount } from "../terminal/format.js";
import { table } from "../terminal/layout.js";
import { printable } from "../terminal/text.js";
import {
  compareConversations,
  type ConversationView,
  type Difference,
} from "../xmtp/conversations.js";
import { viewChats } from "./chats.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";

/** `carryover compare A B`: whether two installations of this home show the same history. */
export function compareCommand(run: Run): Command {
  return withProfileOptions(
    commandOf(
      "compare",
      "check that another profile has the same conversations, message by message",
    ),
  )
    .argument("<other>", "the profile to compare with", (name) =>
      parseName("profile", name),
    )
    .action(async (other: string, _options, command: Command) => {
      const options = command.opts<ProfileOptions & CommonOptions>();
      await run(options, async (context) => {
        const viewsOf = (profile: string) =>
          withSession(context, { ...options, profile }, (session) =>
            viewChats(context, session),
          );
        const left = await viewsOf(options.profile);
        const right = await viewsOf(other);
        const differences = compareConversations(left, right);
        const { output } = context;
        output.json({
          ok: differences.length === 0,
          command: "compare",
          profiles: [options.profile, other],
          conversations: left.length,
          messages: left.reduce((sum, view) => sum + view.messageCount, 0),
          differences: differences.map((difference) => ({ ...difference })),
          ...(differences.length === 0
            ? {}
            : { error: { code: "historiesDiffer", retryable: false } }),
        });
        output.say(
          ...comparisonTable(left, right, {
            titles: [options.profile, other],
            width: output.width,
          }),
          "",
        );
        if (differences.length > 0) {
          if (output.format === "json") return exitCodes.failed;
          throw new CliError(
            "historiesDiffer",
            `${counted(differences.length, "conversation")} ${differences.length === 1 ? "is" : "are"} not the same`,
            "Nothing was changed. If messages came in after the backup was made, ask again: what is there already is not imported twice.",
          );
        }
        output.say(
          `${output.style.green("✓")} The same ids, authors, times and contents on both sides.`,
        );
        return exitCodes.done;
      });
    });
}

const words: Record<Difference["what"], string> = {
  onlyLeft: "missing on the right",
  onlyRight: "missing on the left",
  count: "not as many",
  content: "other contents",
  consent: "other consent",
};

/** Counts and digests of both sides, beside each other. */
export function comparisonTable(
  left: readonly ConversationView[],
  right: readonly ConversationView[],
  options: { titles: readonly [string, string]; width: number },
): string[] {
  const differences = new Map(
    compareConversations(left, right).map((difference) => [
      difference.conversationId,
      words[difference.what],
    ]),
  );
  const rightById = new Map(right.map((view) => [view.id, view]));
  const leftIds = new Set(left.map((view) => view.id));
  const row = (
    view: ConversationView,
    counts: readonly [number | undefined, number | undefined],
  ) => [
    printable(view.title),
    view.kind,
    ...counts.map((count) => (count === undefined ? "–" : formatCount(count))),
    view.digest.slice(0, 12),
    differences.get(view.id) ?? "same",
  ];
  return table(
    [
      { title: "CONVERSATION", shrinks: "shrinks" },
      { title: "KIND" },
      { title: options.titles[0].toUpperCase(), align: "right" },
      { title: options.titles[1].toUpperCase(), align: "right" },
      { title: "DIGEST" },
      { title: "" },
    ],
    [
      ...left.map((view) =>
        row(view, [view.messageCount, rightById.get(view.id)?.messageCount]),
      ),
      ...right
        .filter(({ id }) => !leftIds.has(id))
        .map((view) => row(view, [undefined, view.messageCount])),
    ],
    options.width,
  );
}
