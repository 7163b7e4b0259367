import { type ServiceImpl } from "@connectrpc/connect";
import { type Clock } from "./clock.js";
import { createCommitLogMethods } from "./commit-log-methods.js";
import { type MlsApi } from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { createGroupMessageMethods } from "./group-message-methods.js";
import { createKeyPackageMethods } from "./key-package-methods.js";
import { type Store } from "./store.js";
import { createWelcomeMethods } from "./welcome-methods.js";

/** `xmtp.mls.api.v1.MlsApi` over a store. */
export function createMlsService(
  store: Store,
  clock: Clock,
): ServiceImpl<typeof MlsApi> {
  return {
    ...createKeyPackageMethods(store, clock),
    ...createGroupMessageMethods(store),
    ...createWelcomeMethods(store),
    ...createCommitLogMethods(store),
  };
}
