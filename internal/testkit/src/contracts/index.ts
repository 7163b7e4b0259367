export { type ChannelsSubject, describeChannelsContract } from "./channels.js";
export {
  describeDormantInstallationsContract,
  type DormantInstallationsUnderTest,
} from "./dormant-installations.js";
export { describeJournalContract, type JournalSubject } from "./journal.js";
export { describeScratchContract, type ScratchSubject } from "./scratch.js";
export {
  describeStateStoreContract,
  type StateStoreSubject,
} from "./state-store.js";
export { describeStorageProviderClientContract } from "./storage-provider-client.js";
export { describeHistoryContract, type HistorySubject } from "./history.js";
