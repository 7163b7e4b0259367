import { groupsSentTo } from "./sent-groups.js";

/**
 * What an installation behind a wall may do to the network. Whatever it sends as a member of a group makes other copies of
 * its database useless for that group: they stay behind, or go another way, and never notice.
 */
export interface Reach {
  /** It may renew the key package that others add it to conversations with. */
  keyPackage: "allowed" | "refused";
  /** Groups that it may send into, by id in hex. */
  mayWriteTo: (groupId: string) => boolean;
  /**
   * What it is told of what it sends into other groups. `error`: the truth; it tries again, for seconds in each group.
   * `success`: it waits a moment for what never comes, and goes on; for a database that is thrown away afterwards.
   */
  otherwise: "error" | "success";
}

/** What is done with a call. `swallow`: nothing is sent, and an empty message is the answer. */
export type Verdict =
  | {
      kind: "pass";
      /** Where it had to be read. */
      body?: Uint8Array;
    }
  | { kind: "swallow" }
  | { kind: "refuse" };

const service = {
  mls: "/xmtp.mls.api.v1.MlsApi/",
  identity: "/xmtp.identity.api.v1.IdentityApi/",
} as const;

/** Everything that only reads. What is not known here is refused. */
const reads = new Set([
  ...[
    "FetchKeyPackages",
    "QueryGroupMessages",
    "QueryWelcomeMessages",
    "SubscribeGroupMessages",
    "SubscribeWelcomeMessages",
    "Subscribe",
    "BatchQueryCommitLog",
    "GetNewestGroupMessage",
  ].map((method) => service.mls + method),
  ...[
    "GetIdentityUpdates",
    "GetInboxIds",
    "VerifySmartContractWalletSignatures",
  ].map((method) => service.identity + method),
]);

const uploadKeyPackage = `${service.mls}UploadKeyPackage`;
const sendGroupMessages = `${service.mls}SendGroupMessages`;

/** What the library writes into groups, or about them. All are answered with an empty message. */
const groupWrites = new Set(
  ["SendGroupMessages", "SendWelcomeMessages", "BatchPublishCommitLog"].map(
    (method) => service.mls + method,
  ),
);

/** Far more than one message may be. */
export const maxJudgedBytes = 64 * 1024 * 1024;

/**
 * The rule of every wall. The library adds installations to conversations by itself while it fetches messages, and has no
 * switch for that; behind a wall it tries in vain.
 *
 * @param path - of the call: `/package.Service/Method`
 * @param readBody - gives the request's bytes, or `undefined` for one of more than {@link maxJudgedBytes}, or cut. Called
 * where they matter alone
 */
export async function judgeCall(
  path: string,
  reach: Reach,
  readBody: () => Promise<Uint8Array | undefined>,
): Promise<Verdict> {
  if (reads.has(path)) return { kind: "pass" };
  if (path === uploadKeyPackage && reach.keyPackage === "allowed")
    return { kind: "pass" };
  if (path === sendGroupMessages) {
    const body = await readBody();
    const groups = body && groupsSentTo(body);
    if (groups !== undefined && groups.every(reach.mayWriteTo))
      return { kind: "pass", ...(body && { body }) };
  }
  return groupWrites.has(path) && reach.otherwise === "success"
    ? { kind: "swallow" }
    : { kind: "refuse" };
}
