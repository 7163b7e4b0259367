import { counted, formatBytes, protectionWords } from "@carryover/client/words";
import type { VerifyReport } from "@carryover/xmtp-browser";
import { shortId } from "../../text/format.js";
import { leftOutWords, summaryFacts } from "../../text/file-words.js";
import { ConversationTable } from "../../ui/conversation-table.js";
import { Facts } from "../../ui/facts.js";
import { FileWarnings } from "../../ui/file-facts.js";
import { Notice } from "../../ui/notice.js";
import { OthersWords } from "../../ui/others-words.js";
import { ProblemView } from "../../ui/problem-view.js";
import type { Contents, OpenedAccountFile } from "./look-state.js";

/** What a Backup Account File is, and, on request, what it would bring back. */
export function AccountFileContents({
  file: { contents, protection, sizeBytes },
  conversations,
  drill,
  onDrill,
}: {
  file: OpenedAccountFile;
  conversations: (Contents & { kind: "accountFile" })["conversations"];
  drill: VerifyReport | undefined;
  onDrill: () => void;
}) {
  const { header, summary } = contents;
  const { producer, account } = header;
  return (
    <>
      <Facts
        of={[
          ["Kind", `Backup Account File, version ${header.version}`],
          ["Opens with", protectionWords(protection)],
          ...summaryFacts(summary, Date.now()),
          [
            "Registered by",
            <>
              <OthersWords text={account.identifier} /> (
              <OthersWords text={account.kind} />)
            </>,
          ],
          [
            "Written by",
            <OthersWords
              text={`${producer.name} ${producer.version}, XMTP library ${producer.libxmtpVersion}`}
            />,
          ],
          [
            "Size",
            `${formatBytes(sizeBytes)}; its database ${formatBytes(header.database.sizeBytes)}`,
          ],
        ]}
      />
      <Stored conversations={conversations} />
      {drill === undefined ? (
        <Notice kind="info" title="What came since">
          <p>
            Messages that came after the file was made, or refreshed, are on the
            XMTP network and not in the file. Try a restore to see what all of
            it would bring back: this is the only button here that sends
            anything, and it changes nothing.
          </p>
          <button type="button" onClick={onDrill}>
            Try a restore (asks the XMTP network)
          </button>
        </Notice>
      ) : (
        <Drilled drill={drill} />
      )}
    </>
  );
}

/** What is in the database of the file, as the library says without asking anybody. */
function Stored({
  conversations,
}: {
  conversations: (Contents & { kind: "accountFile" })["conversations"];
}) {
  if ("code" in conversations)
    return (
      <ProblemView
        problem={conversations}
        title="The file is whole, and its conversations cannot be listed here"
      />
    );
  if (conversations.length === 0)
    return <p>No conversation is in the file itself.</p>;
  const messages = conversations.reduce(
    (sum, { messageCount }) => sum + messageCount,
    0,
  );
  return (
    <ConversationTable
      caption={`In the file itself: ${counted(conversations.length, "conversation")}, ${counted(messages, "message")}`}
      rows={conversations.map((each) => ({
        id: each.conversationId,
        name: each.name ?? shortId(each.conversationId),
        kind: each.kind,
        messages: each.messageCount,
      }))}
    />
  );
}

function Drilled({ drill }: { drill: VerifyReport }) {
  const { totals, conversations, leftOut, file } = drill;
  return (
    <>
      <Notice kind="good" title="A restore today works">
        <p>
          It brings back {counted(totals.messages, "message")} in{" "}
          {counted(totals.conversations, "conversation")}. It was done for
          practice: nothing of it is left here, and nothing was changed.
        </p>
        {leftOutWords(leftOut).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </Notice>
      <FileWarnings facts={file} />
      <ConversationTable
        caption="What would come back"
        rows={conversations.map(({ conversationId, imported }) => ({
          id: conversationId,
          name: shortId(conversationId),
          kind: undefined,
          messages: imported,
        }))}
      />
    </>
  );
}
