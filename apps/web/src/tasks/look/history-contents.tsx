import {
  counted,
  formatBytes,
  formatDayAndTime,
} from "@carryover/client/words";
import { printable, shortId } from "../../text/format.js";
import { leftOutWords } from "../../text/file-words.js";
import { ConversationTable } from "../../ui/conversation-table.js";
import { Facts } from "../../ui/facts.js";
import { Notice } from "../../ui/notice.js";
import type { Contents } from "./look-state.js";

type History = Contents & { kind: "history" };

/** What a Message Backup File or an XMTP archive holds. */
export function HistoryContents({ contents }: { contents: History }) {
  const { summary, names } = contents;
  const { counts } = summary;
  return (
    <>
      <Facts of={factsOf(summary)} />
      {summary.format === "xmtpArchive" && (
        <Notice kind="info">
          <p>
            An archive does not say whose it is, nor whether it is whole: one
            that was cut between two messages looks like this too.
          </p>
        </Notice>
      )}
      {summary.format === "messageBackupFile" &&
        leftOutWords(summary.leftOut).map((line) => <p key={line}>{line}</p>)}
      <ConversationTable
        caption={`${counted(counts.conversations.length, "conversation")}, ${counted(counts.messageCount, "message")}`}
        rows={counts.conversations.map((each) => ({
          id: each.conversationId,
          name: names.get(each.conversationId) ?? shortId(each.conversationId),
          kind: each.conversationType,
          messages: each.messageCount,
          firstNs: each.firstSentAtNs,
          lastNs: each.lastSentAtNs,
        }))}
      />
      <p className="small">Names are what members of the conversation chose.</p>
    </>
  );
}

function factsOf(summary: History["summary"]): [string, string][] {
  const { counts, sizeBytes } = summary;
  const holds = `${counted(counts.messageCount, "message")} in ${counted(counts.conversations.length, "conversation")}, ${counted(counts.consentCount, "consent record")}`;
  const size = formatBytes(sizeBytes);
  if (summary.format === "xmtpArchive")
    return [
      ["Kind", `XMTP archive, version ${summary.archiveVersion}`],
      ["Written", formatDayAndTime(summary.metadata.exportedAtNs)],
      ["Size", size],
      ["Holds", holds],
    ];
  const { header } = summary;
  return [
    ["Kind", `Message Backup File, version ${header.version}`],
    [
      "Account",
      `${shortId(header.inboxId)}, from ${
        header.installationId === undefined
          ? "an installation it does not name"
          : `installation ${shortId(header.installationId)}`
      }`,
    ],
    [
      "Made",
      `${formatDayAndTime(header.createdAtNs)} by ${printable(`${header.producer.name} ${header.producer.version}`)}`,
    ],
    ["Size", size],
    ["Holds", holds],
  ];
}
