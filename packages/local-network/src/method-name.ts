const methodNames = [
  "SendGroupMessages",
  "SendWelcomeMessages",
  "RegisterInstallation",
  "UploadKeyPackage",
  "FetchKeyPackages",
  "QueryGroupMessages",
  "QueryWelcomeMessages",
  "SubscribeGroupMessages",
  "SubscribeWelcomeMessages",
  "BatchPublishCommitLog",
  "BatchQueryCommitLog",
  "GetNewestGroupMessage",
  "PublishIdentityUpdate",
  "GetIdentityUpdates",
  "GetInboxIds",
  "VerifySmartContractWalletSignatures",
] as const;

/** The methods of the two services. */
export type MethodName = (typeof methodNames)[number];

/** Whether a name is that of a method that the network serves. */
export function isMethodName(name: string): name is MethodName {
  return (methodNames as readonly string[]).includes(name);
}
