import { setTimeout as delay } from "node:timers/promises";
import type { EnginePorts } from "@carryover/client";

/** Called at every moment at which a process may die with a difference. */
export type Passing = (step: string) => void;

/** How long a call of a port has been running when the process dies in the middle of it, milliseconds. */
const midwayMs = 2;

/**
 * Puts a step before and into every call of a port that changes something: on disk, in the library's database, on the
 * network or at the storage provider. What comes after one such call and before the next is the step before the next.
 */
export function withKillPoints(
  ports: EnginePorts,
  passing: Passing,
): EnginePorts {
  const around = async <T>(
    name: string,
    work: () => Promise<T>,
  ): Promise<T> => {
    passing(name);
    const running = work();
    // Whoever awaits `running` gets its error, also when it comes while we wait.
    running.catch(() => undefined);
    await delay(midwayMs);
    passing(`${name}, midway`);
    return await running;
  };
  const { channels, history, scratch, stateStore, storageProvider } = ports;
  return {
    ...ports,
    stateStore: {
      ...stateStore,
      // Killed midway it has the old record or the new one, whole: the store's own tests show that.
      save: (record) => {
        passing("save state");
        return stateStore.save(record);
      },
    },
    channels: {
      ...channels,
      create: (options) =>
        around("create channel", () => channels.create(options)),
      send: (channelId, message) =>
        around("send message", () => channels.send(channelId, message)),
      deleteMessages: (channelId) =>
        around("delete messages", () => channels.deleteMessages(channelId)),
      hide: (channelId) =>
        around("hide channel", () => channels.hide(channelId)),
    },
    history: {
      ...history,
      exportArchive: (options) =>
        around("export archive", () => history.exportArchive(options)),
      importArchive: (...args) =>
        around("import archive", () => history.importArchive(...args)),
      setConsent: (records) =>
        around("set consent", () => history.setConsent(records)),
      addMissingInstallations: (...args) =>
        around("add installation", () =>
          history.addMissingInstallations(...args),
        ),
    },
    scratch: {
      ...scratch,
      append: async (name) =>
        passThrough("write download", await scratch.append(name), passing),
      delete: (name) => around("delete download", () => scratch.delete(name)),
    },
    storageProvider: {
      ...storageProvider,
      obtainUploadAuthorization: (...args) =>
        around("obtain authorization", () =>
          storageProvider.obtainUploadAuthorization(...args),
        ),
      upload: (uploadUrl, file, options) =>
        around("upload", () =>
          storageProvider.upload(
            uploadUrl,
            file.pipeThrough(
              new TransformStream<Uint8Array, Uint8Array>({
                transform(chunk, controller) {
                  passing("upload a piece");
                  controller.enqueue(chunk);
                },
                flush: () => passing("upload the end"),
              }),
            ),
            options,
          ),
        ),
      findUpload: (...args) =>
        around("find upload", () => storageProvider.findUpload(...args)),
      deleteBackup: (...args) =>
        around("delete backup", () => storageProvider.deleteBackup(...args)),
    },
  };
}

/** The same sink, with a step before each piece and before the end. */
function passThrough(
  name: string,
  sink: WritableStream<Uint8Array>,
  passing: Passing,
): WritableStream<Uint8Array> {
  const writer = sink.getWriter();
  return new WritableStream<Uint8Array>({
    write: (chunk) => {
      passing(`${name}, a piece`);
      return writer.write(chunk);
    },
    close: () => {
      passing(`${name}, the end`);
      return writer.close();
    },
    abort: (reason) => writer.abort(reason),
  });
}
