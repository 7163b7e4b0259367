import type { Client } from "@xmtp/node-sdk";
import type { CreatedBackupAccountFile } from "@carryover/xmtp-node";
import type { DevServices } from "../network/dev-services.js";
import type { NewFriend } from "../sample/story.js";
import type { Stage } from "./stage.js";

/** The demo's directory, and where its services are. */
export interface Setting {
  services: DevServices;
  directory: string;
}

/** A file that was made, and what opens it. */
export interface MadeFile {
  path: string;
  passphrase: string;
  created: CreatedBackupAccountFile;
}

/** Everyone who can say what was said. */
export type People = Stage["cast"] & Record<NewFriend, Client<unknown>>;
