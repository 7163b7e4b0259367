import type { InboundRequest, OutboundRequest } from "@carryover/client";
import type { Output } from "../output.js";
import { counted, formatAge, nowNs } from "../terminal/format.js";
import { screen, sideBySide } from "../terminal/layout.js";
import { printable } from "../terminal/text.js";

/** Below it the lines of the two screens would no longer stand beside each other. */
const sideBySideColumns = 78;

/** What the two screens are of. */
export interface ScreenTitles {
  asked: string;
  asking: string;
  /** The first line of the one that asks. */
  whom: string;
}

const phones: ScreenTitles = {
  asked: "OLD PHONE",
  asking: "NEW PHONE",
  whom: "You asked your old phone.",
};

/** Both screens, side by side: what Alix sees on each of them. */
export function requestScreens(
  asking: OutboundRequest,
  asked: InboundRequest,
  output: Output,
  titles: ScreenTitles = phones,
): string[] {
  const { bold, dim } = output.style;
  const age =
    asked.installationCreatedAtNs === undefined
      ? "at an unknown time"
      : formatAge(asked.installationCreatedAtNs, nowNs());
  const oldPhone = {
    title: titles.asked,
    lines: [
      "A device asks for your history.",
      "",
      `PIN  ${bold(asked.verificationPin ?? "")}`,
      "",
      `app        ${printable(asked.appName)}`,
      `installed  ${age}`,
      `wants      ${counted(asked.estimate.messageCount, "message")} in`,
      `           ${counted(asked.estimate.conversationCount, "conversation")}`,
      `through    ${printable(new URL(asked.storageOrigin).host)}`,
    ],
  };
  const newPhone = {
    title: titles.asking,
    lines: [
      titles.whom,
      "",
      `PIN  ${bold(asking.verificationPin)}`,
      "",
      "Compare it with the one there,",
      "and say yes there if it is the",
      "same.",
      "",
      dim("waiting …"),
    ],
  };
  return output.width >= sideBySideColumns
    ? sideBySide(oldPhone, newPhone, output.width)
    : [oldPhone, newPhone].flatMap(({ title, lines }) =>
        screen(title, lines, { width: 40 }),
      );
}
