import { backupMessageCodec } from "@carryover/xmtp-shared";
import { taskRunner } from "../sdk-values.js";

/** `LogLevel.Off` */
export const loggingOff = 0;

/**
 * What every client of a dormant installation is made with. A new object each time: the library changes it. Without a level
 * the library writes ids to the console.
 */
export function quietOptions() {
  return {
    disableDeviceSync: true,
    codecs: [backupMessageCodec],
    loggingLevel: loggingOff,
  };
}

/** Key packages are renewed by a worker of the library, that is off where nothing is to be renewed. */
export const renewalOff = { workerConfig: { disabledWorkers: [taskRunner] } };
