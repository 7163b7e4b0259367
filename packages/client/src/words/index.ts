// Plain English for what the engine reports: for Carryover's own programs, and for apps that want the same words.

export {
  daysLeftWords,
  fileWarnings,
  historyWords,
  madeWords,
  missingWords,
  protectionWords,
} from "./account-file.js";
export {
  counted,
  formatAge,
  formatBytes,
  formatCount,
  formatDay,
  formatDayAndTime,
  formatSpan,
  formatUntil,
  msOf,
} from "./format.js";
export { leftOutSentences } from "./left-out.js";
