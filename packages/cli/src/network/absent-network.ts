import {
  answerCall,
  grpcStatus,
  type LoopbackServer,
  refuseCall,
  serveOnLoopback,
} from "@carryover/xmtp-node/loopback-grpc";
import {
  answerWithoutNetwork,
  type KnownAccount,
} from "@carryover/xmtp-shared/known-account";
import { CliError } from "../cli-error.js";

/**
 * The SDK asks the network two things before it opens a database: which inbox a wallet belongs to, and what is new about
 * that inbox. This answers the first with what is known here, the second with nothing, and says of everything else that
 * the network cannot be reached: a client on it can read what it has, and nothing that it does looks as if it was sent.
 *
 * @throws {CliError} `networkNotReachable` when no port can be had
 */
export function standInForNetwork(
  account: KnownAccount,
): Promise<LoopbackServer> {
  return serveOnLoopback((stream, { ":path": path = "" }) => {
    const answer = answerWithoutNetwork(path, account);
    if (answer === undefined)
      refuseCall(
        stream,
        grpcStatus.unavailable,
        "the network cannot be reached",
      );
    else answerCall(stream, answer);
  }).catch((cause: unknown) => {
    throw new CliError(
      "networkNotReachable",
      "no address of this machine can be listened on",
      "Nothing was changed. Run it again when the network answers.",
      { cause },
    );
  });
}
