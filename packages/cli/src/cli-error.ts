import { type ExitCode, exitCodes } from "./exit-code.js";

/** What can stop a command before or beside the engine. */
export type CliErrorCode =
  | "usage"
  | "interrupted"
  | "profileMissing"
  | "profileExists"
  | "profileUnreadable"
  | "walletMissing"
  | "walletExists"
  | "walletUnreadable"
  | "notPrivate"
  | "networkNotReachable"
  | "storageNotReachable"
  | "portInUse"
  | "devRunning"
  | "webAppNotBuilt"
  | "developmentOnly"
  | "sampleThere"
  | "stateLocked"
  | "notInteractive"
  | "secretMissing"
  | "noInboundRequest"
  | "severalInboundRequests"
  | "noOutboundRequest"
  | "conversationMissing"
  | "fileMissing"
  | "fileExists"
  | "fileUnreadable"
  | "dataUnreadable"
  | "diskError"
  | "installationRevoked"
  | "accountFileUnfinished"
  | "historiesDiffer"
  | "proofFailed";

const exitCodeByCode: Record<CliErrorCode, ExitCode> = {
  usage: exitCodes.usage,
  interrupted: exitCodes.interrupted,
  profileMissing: exitCodes.usage,
  profileExists: exitCodes.usage,
  profileUnreadable: exitCodes.failed,
  walletMissing: exitCodes.usage,
  walletExists: exitCodes.usage,
  walletUnreadable: exitCodes.failed,
  notPrivate: exitCodes.refused,
  networkNotReachable: exitCodes.unavailable,
  storageNotReachable: exitCodes.unavailable,
  portInUse: exitCodes.unavailable,
  devRunning: exitCodes.unavailable,
  webAppNotBuilt: exitCodes.failed,
  developmentOnly: exitCodes.usage,
  sampleThere: exitCodes.usage,
  stateLocked: exitCodes.unavailable,
  notInteractive: exitCodes.usage,
  secretMissing: exitCodes.usage,
  noInboundRequest: exitCodes.pending,
  severalInboundRequests: exitCodes.usage,
  noOutboundRequest: exitCodes.pending,
  conversationMissing: exitCodes.usage,
  fileMissing: exitCodes.usage,
  fileExists: exitCodes.usage,
  fileUnreadable: exitCodes.usage,
  dataUnreadable: exitCodes.failed,
  diskError: exitCodes.failed,
  installationRevoked: exitCodes.refused,
  accountFileUnfinished: exitCodes.failed,
  historiesDiffer: exitCodes.failed,
  proofFailed: exitCodes.failed,
};

/**
 * Thrown by the commands themselves. `message` says what happened, `advice` what was kept and what to do next; neither
 * holds a key, a PIN, an address with an id, or a message's text.
 */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly advice: string;
  readonly retryable: boolean;
  readonly exitCode: ExitCode;

  constructor(
    code: CliErrorCode,
    message: string,
    advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.advice = advice;
    this.exitCode = exitCodeByCode[code];
    this.retryable =
      this.exitCode === exitCodes.unavailable ||
      this.exitCode === exitCodes.pending;
  }
}
