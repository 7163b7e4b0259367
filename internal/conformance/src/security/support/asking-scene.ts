import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { OutboundRequest } from "@carryover/client";
import {
  newInstallation,
  type Person,
  type TestClient,
} from "@carryover/testkit";
import {
  answerRequest,
  type Dishonesty,
  type HostileAnswer,
} from "../../hostile/hostile-provider.js";
import { historyOf, ignoredReasons } from "./evidence.js";
import { secretText } from "./scene.js";
import {
  type Device,
  type DeviceOptions,
  only,
  requestOptions,
  type Stage,
} from "./stage.js";

/** Alix with the installation that is asked, and the one that asks. Refused answers leave them as they were. */
export interface Actors {
  readonly alix: Person;
  /** Has the history, and answers as a test decides. */
  readonly asked: TestClient;
  /** The new installation, with Carryover. */
  readonly fresh: Device;
}

export async function createActors(
  stage: Stage,
  options: DeviceOptions = {},
): Promise<Actors> {
  const alix = stage.person();
  const asked = await newInstallation(alix);
  const dm = await asked.conversations.createDm(stage.bo.inboxId);
  await dm.sendText(secretText);
  const group = await asked.conversations.createGroup([stage.bo.inboxId]);
  for (const text of ["one", "two", "three"]) await group.sendText(text);
  const fresh = await stage.device(alix, options);
  await fresh.client.conversations.syncAll([0, 1, 2]);
  return { alix, asked, fresh };
}

/** A request of the new installation, and what comes of it. */
export interface AskingScene extends Actors {
  readonly request: OutboundRequest;
  /** What the new installation had when it asked. */
  readonly historyBefore: unknown;
  readonly answer: (dishonesty?: Dishonesty) => Promise<HostileAnswer>;
  /** Where the request stands after everything that arrived was read. */
  readonly status: () => Promise<OutboundRequest>;
  readonly apply: () => ReturnType<
    Device["carryover"]["applyRemoteMessageHistoryBackup"]
  >;
  /** Reasons of messages that were ignored since this request was made. */
  readonly ignored: () => string[];
  /** Names of temporary files that are there. */
  readonly temporaryFiles: () => Promise<string[]>;
}

export async function createAskingScene(
  stage: Stage,
  { actors, ...options }: DeviceOptions & { actors?: Actors } = {},
): Promise<AskingScene> {
  const known = actors ?? (await createActors(stage, options));
  const { asked, fresh } = known;
  const historyBefore = await historyOf(fresh.client);
  const { length: eventsBefore } = fresh.events;
  const request = only(
    await fresh.carryover.requestRemoteMessageHistoryBackup(
      requestOptions(stage.hostile),
    ),
  );
  const { requestId } = request;
  return {
    ...known,
    request,
    historyBefore,
    answer: (dishonesty = {}) =>
      answerRequest(asked, requestId, stage.hostile, dishonesty),
    status: async () => {
      await fresh.carryover.sync();
      return await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(
        requestId,
      );
    },
    apply: () => fresh.carryover.applyRemoteMessageHistoryBackup(requestId),
    ignored: () => ignoredReasons(fresh.events.slice(eventsBefore)),
    temporaryFiles: async () => {
      const own = join(fresh.directory, fresh.client.installationId);
      return [
        ...(await readdir(join(own, "scratch"))),
        ...(await readdir(join(own, "archives"))),
      ];
    },
  };
}
