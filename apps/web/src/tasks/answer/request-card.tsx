import { counted, formatAge, formatUntil } from "@carryover/client/words";
import type { InboundRequest } from "@carryover/xmtp-browser";
import { type ReactNode, useId, useState } from "react";
import type { Problem } from "../../errors/problem.js";
import { nowNs, shortId } from "../../text/format.js";
import { Facts } from "../../ui/facts.js";
import { Notice } from "../../ui/notice.js";
import { OthersWords } from "../../ui/others-words.js";
import { ProblemView } from "../../ui/problem-view.js";

/** Everything that a person needs to decide about one request, and the two answers. */
export function RequestCard({
  request,
  problem,
  onDecide,
}: {
  request: InboundRequest;
  problem: Problem | undefined;
  onDecide: (decision: "approve" | "decline") => void;
}) {
  const id = useId();
  const isConflict = request.pinState === "conflict";
  return (
    <article
      className={isConflict ? "request conflict" : "request"}
      aria-labelledby={id}
    >
      <h3 id={id}>
        <OthersWords text={request.appName} /> asks for your history
      </h3>
      <p className="pin">
        <span className="pin-label">PIN</span>{" "}
        <span className="pin-digits">{request.verificationPin}</span>
      </p>
      {isConflict && (
        <Notice kind="warn" title="Two requests show this PIN">
          <p>
            One of them may not be yours, and nobody can tell which. Neither can
            be approved. Decline both, look for installations that you do not
            know, and ask again from the new device.
          </p>
        </Notice>
      )}
      <Facts of={requestFacts(request)} />
      <ProblemView problem={problem} title="It was not answered" />
      <Answers request={request} onDecide={onDecide} />
    </article>
  );
}

function requestFacts(request: InboundRequest): [string, ReactNode][] {
  const now = nowNs();
  return [
    [
      "App",
      <>
        <OthersWords text={request.appName} /> (its own words, not verified)
      </>,
    ],
    [
      "Installation",
      `${shortId(request.installationId)}, made ${
        request.installationCreatedAtNs === undefined
          ? "at an unknown time"
          : formatAge(request.installationCreatedAtNs, now)
      }`,
    ],
    ["Asked", formatAge(request.createdAtNs, now)],
    ["Wants", wanted(request)],
    ["Through", <OthersWords text={request.storageOrigin} />],
    ["Expires", formatUntil(request.expiresAtNs, now)],
  ];
}

function wanted({ estimate, scope }: InboundRequest): string {
  if (!scope.elements.includes("messages")) return "consent records alone";
  const range =
    scope.startNs === undefined && scope.endNs === undefined
      ? ""
      : ", of a part of the time";
  return `${counted(estimate.messageCount, "message")} in ${counted(estimate.conversationCount, "conversation")}${range}`;
}

function Answers({
  request,
  onDecide,
}: {
  request: InboundRequest;
  onDecide: (decision: "approve" | "decline") => void;
}) {
  const id = useId();
  const [isSame, setIsSame] = useState(false);
  const canApprove = request.pinState === "unique";
  return (
    <>
      {canApprove && (
        <div className="confirm">
          <input
            id={id}
            type="checkbox"
            checked={isSame}
            onChange={({ target }) => setIsSame(target.checked)}
          />
          <label htmlFor={id}>
            I asked for this myself, and the other device shows the PIN{" "}
            <strong>{request.verificationPin}</strong>
          </label>
        </div>
      )}
      <div className="buttons">
        {canApprove && (
          <button
            type="button"
            className="primary"
            disabled={!isSame}
            onClick={() => onDecide("approve")}
          >
            Approve and send
          </button>
        )}
        <button type="button" onClick={() => onDecide("decline")}>
          Decline
        </button>
      </div>
    </>
  );
}
