export { type Call, type CallFilter, type CallLog } from "./call-log.js";
export { type CallSubjects } from "./call-subjects.js";
export { type Clock, systemClock } from "./clock.js";
export { type Traffic } from "./connections.js";
export { LocalNetworkError, type LocalNetworkErrorCode } from "./errors.js";
export {
  type Fault,
  type FaultInjection,
  type FaultRule,
  type InjectedFault,
} from "./faults.js";
export { type FsyncPolicy } from "./file-journal.js";
export { type GrpcCode } from "./grpc-code.js";
export {
  createLocalNetwork,
  type LocalNetwork,
  type LocalNetworkOptions,
  type RetentionAges,
} from "./local-network.js";
export { type MethodName } from "./method-name.js";
export { type PruneReport } from "./store.js";
