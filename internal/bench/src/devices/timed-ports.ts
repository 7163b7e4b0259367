import type {
  Channels,
  Clock,
  EnginePorts,
  History,
  Installation,
  StateStore,
  StorageProviderClient,
} from "@carryover/client";
import type { Activity, Recorder } from "../intervals.js";

/** The ports of an engine, with everything noted that goes on behind them. */
export function timePorts(ports: EnginePorts, recorder: Recorder): EnginePorts {
  return {
    ...ports,
    history: timeCalls<History>(timeExport(ports.history, recorder), recorder, {
      importArchive: "importArchive",
      addMissingInstallations: "makeLive",
      sync: "sync",
      listConversations: "lookUps",
      countMessages: "lookUps",
      countDisappearingMessages: "lookUps",
      hasMessages: "lookUps",
      getConsent: "lookUps",
      setConsent: "lookUps",
    }),
    installation: timeCalls<Installation>(ports.installation, recorder, {
      fetchInboxState: "network",
    }),
    channels: timeCalls<Channels>(ports.channels, recorder, {
      create: "network",
      sync: "sync",
      refresh: "network",
      send: "network",
      deleteMessages: "network",
      list: "lookUps",
      describe: "lookUps",
      messages: "lookUps",
      hide: "lookUps",
    }),
    stateStore: timeCalls<StateStore>(ports.stateStore, recorder, {
      save: "records",
    }),
    storageProvider: timeStorage(ports.storageProvider, recorder),
  };
}

/** An export goes on until the library has written all of its archive, which is read meanwhile. */
function timeExport(history: History, { during }: Recorder): History {
  return {
    ...history,
    exportArchive: async (options) => {
      const exporting = history.exportArchive(options);
      const written = during("createArchive", async () => {
        await (
          await exporting
        ).written;
      });
      // Whoever asked for the archive gets the same error.
      written.catch(() => undefined);
      return await exporting;
    },
  };
}

/** A clock that notes when the library is waited for. */
export function timeWaits(clock: Clock, recorder: Recorder): Clock {
  return timeCalls<Clock>(clock, recorder, { wait: "waiting" });
}

function timeStorage(
  storage: StorageProviderClient,
  recorder: Recorder,
): StorageProviderClient {
  return {
    ...timeCalls<StorageProviderClient>(storage, recorder, {
      obtainUploadAuthorization: "network",
      findUpload: "network",
      deleteBackup: "network",
    }),
    // While the upload waits for the file, the file is being written.
    upload: (uploadUrl, file, options) =>
      recorder.during("upload", () =>
        storage.upload(
          uploadUrl,
          timeReads(file, "writeFile", recorder),
          options,
        ),
      ),
    download: async (backupUrl, options) => {
      const download = await recorder.during("download", () =>
        storage.download(backupUrl, options),
      );
      return {
        ...download,
        body: timeReads(download.body, "download", recorder),
      };
    },
  };
}

function timeCalls<T extends object>(
  port: T,
  { during }: Recorder,
  activities: { readonly [K in keyof T]?: Activity },
): T {
  const timed: Record<string, unknown> = {};
  for (const [name, activity] of Object.entries(activities)) {
    const call: unknown = Reflect.get(port, name);
    if (typeof call !== "function")
      throw new Error(`the port has no call ${name}`);
    timed[name] = (...args: unknown[]) =>
      during(activity as Activity, async () => {
        const result: unknown = Reflect.apply(call, port, args);
        return await result;
      });
  }
  return { ...port, ...timed };
}

/** The same stream; the time that its reader waits for it is noted. */
function timeReads(
  stream: ReadableStream<Uint8Array>,
  activity: Activity,
  { during }: Recorder,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await during(activity, () => reader.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
