/** One check taken out, and the test that has to notice. */
export interface Mutant {
  /** What the check is for, and what is taken away. */
  readonly name: string;
  /** Below the repository's root. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Below the repository's root. */
  readonly testFile: string;
  /** The whole title. */
  readonly test: string;
}

/** Mutants of one file. */
export function mutantsOf(
  file: string,
  mutants: readonly Omit<Mutant, "file">[],
): Mutant[] {
  return mutants.map((mutant) => ({ file, ...mutant }));
}

const security = (name: string) =>
  `internal/conformance/src/security/${name}.test.ts`;
const client = (name: string) => `packages/client/src/${name}.test.ts`;

/** Where the tests are. */
export const tests = {
  rule1: security("rule-1"),
  rule2: security("rule-2"),
  rule3: security("rule-3"),
  rule4: security("rule-4"),
  rule5: security("rule-5"),
  rule6: security("rule-6"),
  rule7: security("rule-7"),
  rule8: security("rule-8"),
  rule9: security("rule-9"),
  rule11: security("rule-11"),
  consent: "internal/conformance/src/main-job/consent.test.ts",
  deviceSync: security("official-device-sync"),
  readMessage: client("channel/read-backup-message"),
  receiveRequest: client("provider/receive-request"),
  respond: client("provider/respond-to-request"),
  finish: client("provider/finish-approved"),
  role: client("role/role"),
  receiveResponse: client("requester/receive-response"),
  download: client("requester/download-backup"),
  verify: client("history/verify-backup"),
  storageOrigin: client("storage/storage-origin"),
  stateCodec: client("state/state-codec"),
  wall: "packages/xmtp-shared/src/account/network-rules.test.ts",
  sentGroups: "packages/xmtp-shared/src/account/sent-groups.test.ts",
  storageErrors: "packages/xmtp-node/src/storage/storage-errors.test.ts",
  storageTarget: "packages/xmtp-node/src/storage/storage-target.test.ts",
} as const;
