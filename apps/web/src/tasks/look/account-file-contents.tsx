import type { VerifyReport } from "@carryover/xmtp-browser";
import { counted, formatBytes, printable, shortId } from "../../text/format.js";
import { leftOutWords, summaryFacts } from "../../text/file-words.js";
import { protectionWords } from "../../text/protection-words.js";
import { ConversationTable } from "../../ui/conversation-table.js";
import { Facts } from "../../ui/facts.js";
import { FileWarnings } from "../../ui/file-facts.js";
import { Notice } from "../../ui/notice.js";
import type { OpenedAccountFile } from "./look-state.js";

/** What a Backup Account File is, and, on request, what it would bring back. */
export function AccountFileContents({
  file: { contents, protection, sizeBytes },
  drill,
  onDrill,
}: {
  file: OpenedAccountFile;
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
            `${printable(account.identifier)} (${printable(account.kind)})`,
          ],
          [
            "Written by",
            printable(
              `${producer.name} ${producer.version}, XMTP library ${producer.libxmtpVersion}`,
            ),
          ],
          [
            "Size",
            `${formatBytes(sizeBytes)}; its database ${formatBytes(header.database.sizeBytes)}`,
          ],
        ]}
      />
      {drill === undefined ? (
        <Notice kind="info" title="What it would bring back">
          <p>
            The messages themselves are on the XMTP network and in the
            file&rsquo;s database, which only the XMTP library reads, and that
            asks the network. Try a restore to see them conversation by
            conversation: this is the only button here that sends anything, and
            it changes nothing.
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
