import {
  type MessageHistoryBackupRequest,
  parseEnvelope,
} from "@carryover/protocol";
import {
  newInstallation,
  type Person,
  type TestClient,
} from "@carryover/testkit";
import type { Group } from "@xmtp/node-sdk";
import {
  makeMarkedGroup,
  requestFor,
  sendSigned,
} from "../../hostile/hostile-installation.js";
import { ignoredReasons } from "./evidence.js";
import type { Device, DeviceOptions, Stage } from "./stage.js";

/** Alix has a history on one installation, and another installation of hers asks for it by hand. */
export interface Scene {
  readonly alix: Person;
  /** Alix's installation with the history and with Carryover, which is asked. */
  readonly old: Device;
  /** Another one of hers, whose every byte a test decides. */
  readonly thief: TestClient;
  /** A private channel of the thief's making. */
  readonly channel: Group<unknown>;
  /** Sends a good request, but for what is changed. */
  readonly ask: (
    change?: Partial<MessageHistoryBackupRequest>,
  ) => Promise<Asked>;
  /** What the old installation makes of everything that has arrived. */
  readonly whatArrives: () => Promise<{ shown: number; reasons: string[] }>;
  /** Responses and declines of the old installation in the channel, as the thief reads them. */
  readonly answers: () => Promise<number>;
}

/** A request that was sent, and its exact bytes. */
export interface Asked {
  request: MessageHistoryBackupRequest;
  content: Uint8Array;
}

/** What every history here holds. */
export const secretText = "what nobody else may read";

export async function createScene(
  stage: Stage,
  options: DeviceOptions = {},
): Promise<Scene> {
  const alix = stage.person();
  const old = await stage.device(alix, options);
  const thief = await newInstallation(alix);
  // No DM: making one live takes the library up to five seconds.
  const group = await old.client.conversations.createGroup([stage.bo.inboxId]);
  await group.sendText(secretText);
  const channel = await makeMarkedGroup(thief);
  return {
    alix,
    old,
    thief,
    channel,
    ask: async (change = {}) => {
      const request = await requestFor(old.client, stage.storage.url, change);
      const content = await sendSigned(thief, channel, {
        kind: "request",
        request,
      });
      return { request, content };
    },
    whatArrives: async () => {
      const { inboundRequests } = await old.carryover.sync();
      return {
        shown: inboundRequests.length,
        reasons: ignoredReasons(old.events),
      };
    },
    answers: async () => {
      // A revoked installation may not be able to fetch, and then has no answer either.
      await thief.conversations.syncAll([0, 1, 2]).catch(() => undefined);
      const contents = (await channel.messages()).map(({ content }) => content);
      return contents.filter(
        (content) =>
          content instanceof Uint8Array &&
          parseEnvelope(content).value.senderInstallationId ===
            old.client.installationId,
      ).length;
    },
  };
}
