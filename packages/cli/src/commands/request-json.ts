import type {
  ImportReport,
  InboundRequest,
  OutboundRequest,
  ResponseReport,
} from "@carryover/client";
import type { Json } from "../output.js";

type Document = { [key: string]: Json };

/** An own request, for programs. Times are nanoseconds since 1970, as strings. */
export function outboundJson(request: OutboundRequest): Document {
  const { offered, failure, report } = request;
  return {
    requestId: request.requestId,
    verificationPin: request.verificationPin,
    status: request.status,
    step: request.step,
    recipientInstallationId: request.recipientInstallationId,
    createdAtNs: request.createdAtNs.toString(),
    expiresAtNs: request.expiresAtNs.toString(),
    ...(offered === undefined ? {} : { offered: { ...offered } }),
    ...(failure === undefined ? {} : { failure: { ...failure } }),
    ...(report === undefined ? {} : { report: importJson(report) }),
  };
}

/** A request that waits here, for programs. In `enter` mode it has no PIN. */
export function inboundJson(request: InboundRequest): Document {
  const { scope } = request;
  return {
    requestId: request.requestId,
    ...(request.verificationPin === undefined
      ? {}
      : { verificationPin: request.verificationPin }),
    pinState: request.pinState,
    wrongPinTriesLeft: request.wrongPinTriesLeft,
    state: request.state,
    installationId: request.installationId,
    ...(request.installationCreatedAtNs === undefined
      ? {}
      : {
          installationCreatedAtNs: request.installationCreatedAtNs.toString(),
        }),
    appName: request.appName,
    storageOrigin: request.storageOrigin,
    scope: {
      elements: [...scope.elements],
      ...(scope.startNs === undefined
        ? {}
        : { startNs: scope.startNs.toString() }),
      ...(scope.endNs === undefined ? {} : { endNs: scope.endNs.toString() }),
    },
    createdAtNs: request.createdAtNs.toString(),
    expiresAtNs: request.expiresAtNs.toString(),
    estimate: { ...request.estimate },
  };
}

/**
 * What was imported, for programs.
 *
 * @param backups - installations that are known to live in Backup Account Files
 */
export function importJson(
  report: ImportReport,
  backups: ReadonlySet<string> = new Set(),
): Document {
  const { suppliedBy } = report;
  return {
    ...(suppliedBy === undefined
      ? {}
      : {
          suppliedBy,
          ...(backups.has(suppliedBy) ? { suppliedByRole: "backup" } : {}),
        }),
    totals: { ...report.totals },
    leftOut: report.leftOut.map((each) => ({ ...each })),
    conversations: report.conversations.map((each) => ({ ...each })),
  };
}

/** What was sent, for programs. */
export function responseJson(report: ResponseReport): Document {
  return {
    outcome: report.outcome,
    conversationCount: report.conversationCount,
    messageCount: report.messageCount,
    sizeBytes: report.sizeBytes,
    leftOut: report.leftOut.map((each) => ({ ...each })),
    notMadeLive: [...report.notMadeLive],
  };
}
