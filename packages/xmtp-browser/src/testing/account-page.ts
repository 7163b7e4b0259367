import { offerToTests } from "@carryover/chromium/page";
import { Opfs } from "@xmtp/browser-sdk";
import {
  accountFileAtHandle,
  accountFileFromBlob,
  AccountFileError,
  type AccountFilePlace,
  CarryoverError,
  clearCarryoverStorage,
  confirmBackupAccountFileSaved,
  createAccountFileDownload,
  createBackupAccountFile,
  createDormantInstallations,
  createPasskeyProtection,
  fetchAccountBudget,
  fetchUnfinishedBackupAccountFiles,
  inspectBackupAccountFile,
  lookInsideBackupAccountFile,
  openBackupAccountFileForRequests,
  passkeySecret,
  type Progress,
  type ProtectionChoice,
  refreshBackupAccountFile,
  restoreBackupAccountFileToArchive,
  revokeBackupAccountFile,
  type SecretChoice,
  systemClock,
  systemRandomBytes,
  verifyBackupAccountFile,
} from "../index.js";
import { openObserver } from "../account/observer.js";
import { startShielded } from "../account/shield/shielded-worker.js";
import { listStorage } from "./list-storage.js";
import type { TestSigner } from "./test-client.js";

/** A network as it travels. */
export interface Work {
  apiUrl: string;
  allowedStorageOrigins?: string[];
}

const workOptions = ({ apiUrl, allowedStorageOrigins = [] }: Work) => ({
  network: { env: "local", apiUrl } as const,
  policy: { allowedStorageOrigins },
});

/** A file as a person chose it. */
const chosen = (bytes: Uint8Array): AccountFilePlace =>
  accountFileFromBlob(new Blob([bytes as Uint8Array<ArrayBuffer>]));

/** A file that can be replaced. */
async function replaceable(bytes: Uint8Array) {
  const place = createAccountFileDownload();
  await place.write(await chosen(bytes).open(), {
    ifThere: "refuse",
    check: async () => undefined,
  });
  return place;
}

const bytesOf = async (blob: Blob | undefined) =>
  new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));

/** What an error is to a caller, for those whose class does not travel. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CarryoverError || error instanceof AccountFileError)
      return error.code;
    throw error;
  }
  return "none";
}

/** Makes a file, which nobody has saved then. */
async function createUnsaved(
  work: Work,
  signer: TestSigner,
  protection: ProtectionChoice,
  onProgress: (progress: Progress) => Promise<void>,
) {
  const place = createAccountFileDownload();
  const created = await createBackupAccountFile({
    ...workOptions(work),
    file: place,
    signer,
    protection,
    onProgress: (progress) => void onProgress(progress),
  });
  return { created, bytes: await bytesOf(place.file()) };
}

const program = {
  listStorage,
  openDormantInstallations: async (work: Work) => {
    const { network } = workOptions(work);
    return createDormantInstallations({
      observer: await openObserver(network),
      network,
      clock: systemClock,
      randomBytes: systemRandomBytes,
    });
  },
  /** A place of each kind; that of a handle is in the page's own file system, and empty as a picker makes it. */
  openPlace: async (
    kind: "chosen" | "download" | "handle",
  ): Promise<AccountFilePlace> => {
    if (kind === "download") return createAccountFileDownload();
    if (kind === "chosen") return chosen(new Uint8Array([1, 2, 3]));
    const root = await navigator.storage.getDirectory();
    return accountFileAtHandle(
      await root.getFileHandle("alix.backup", { create: true }),
    );
  },
  /** Takes away the file of a handle, as another program would. */
  removeFile: async () =>
    (await navigator.storage.getDirectory()).removeEntry("alix.backup"),
  fetchBudget: (work: Work, signer: TestSigner) =>
    fetchAccountBudget({ ...workOptions(work), signer }),
  createUnsaved,
  /** Makes a file, and has it. */
  create: async (...options: Parameters<typeof createUnsaved>) => {
    const made = await createUnsaved(...options);
    await confirmBackupAccountFileSaved(made.created.summary);
    return made;
  },
  confirmSaved: (which: { installationId: string }) =>
    confirmBackupAccountFileSaved(which),
  createWithPasskey: async (work: Work, signer: TestSigner) => {
    const place = createAccountFileDownload();
    const { summary } = await createBackupAccountFile({
      ...workOptions(work),
      file: place,
      signer,
      protection: await createPasskeyProtection("Backup of Alix"),
    });
    await confirmBackupAccountFileSaved(summary);
    return await bytesOf(place.file());
  },
  verifyWithPasskey: (work: Work, bytes: Uint8Array) =>
    codeOf(
      verifyBackupAccountFile({
        ...workOptions(work),
        file: chosen(bytes),
        secret: passkeySecret(),
      }),
    ),
  inspect: (bytes: Uint8Array, secret?: SecretChoice) =>
    inspectBackupAccountFile({
      file: chosen(bytes),
      ...(secret && { secret }),
    }),
  inspectCode: (bytes: Uint8Array, secret?: SecretChoice) =>
    codeOf(
      inspectBackupAccountFile({
        file: chosen(bytes),
        ...(secret && { secret }),
      }),
    ),
  lookInside: async (bytes: Uint8Array, secret: SecretChoice) => {
    const { file, conversations } = await lookInsideBackupAccountFile({
      file: chosen(bytes),
      secret,
    });
    return {
      file,
      conversations: Array.isArray(conversations)
        ? conversations
        : conversations.code,
    };
  },
  verify: (work: Work, bytes: Uint8Array, secret: SecretChoice) =>
    verifyBackupAccountFile({
      ...workOptions(work),
      file: chosen(bytes),
      secret,
    }),
  verifyCode: (work: Work, bytes: Uint8Array, secret: SecretChoice) =>
    codeOf(
      verifyBackupAccountFile({
        ...workOptions(work),
        file: chosen(bytes),
        secret,
      }),
    ),
  refresh: async (
    work: Work,
    bytes: Uint8Array,
    secret: SecretChoice,
    onProgress: (progress: Progress) => Promise<void> = async () => undefined,
  ) => {
    const place = await replaceable(bytes);
    const report = await refreshBackupAccountFile({
      ...workOptions(work),
      file: place,
      secret,
      onProgress: (progress) => void onProgress(progress),
    });
    return { report, bytes: await bytesOf(place.file()) };
  },
  /** Begins to refresh a file, and never comes to an end of writing it. */
  refreshWithoutEnd: async (
    work: Work,
    bytes: Uint8Array,
    secret: SecretChoice,
    onWriting: () => Promise<void>,
  ) => {
    await refreshBackupAccountFile({
      ...workOptions(work),
      file: {
        ...(await replaceable(bytes)),
        write: async () => {
          await onWriting();
          await new Promise(() => undefined);
        },
      },
      secret,
    });
  },
  clearCarryoverStorage,
  unfinished: (work: Work) =>
    fetchUnfinishedBackupAccountFiles(workOptions(work)),
  revokeInstallation: (
    work: Work,
    signer: TestSigner,
    which: { inboxId: string; installationId: string },
  ) => revokeBackupAccountFile({ ...workOptions(work), ...which, signer }),
  /** What becomes of a library that starts so many workers at once. */
  startWorkers: async (count: number) => {
    const opened: Opfs[] = [];
    try {
      return await codeOf(
        startShielded(
          async () => {
            // Each starts its worker before it awaits anything.
            const starting = Array.from({ length: count }, () => Opfs.create());
            opened.push(...(await Promise.all(starting)));
          },
          {
            reach: { kind: "offline" },
            what: "it could not be started",
            code: "diskError",
          },
        ),
      );
    } finally {
      for (const opfs of opened) opfs.close();
    }
  },
  revoke: (
    work: Work,
    signer: TestSigner,
    bytes: Uint8Array,
    secret: SecretChoice,
  ) =>
    revokeBackupAccountFile({
      ...workOptions(work),
      file: chosen(bytes),
      secret,
      signer,
    }),
  toArchive: async (work: Work, bytes: Uint8Array, secret: SecretChoice) => {
    const restored = await restoreBackupAccountFileToArchive({
      ...workOptions(work),
      file: chosen(bytes),
      secret,
    });
    try {
      const archive = await new Response(
        (await restored.openArchive()) as ReadableStream<
          Uint8Array<ArrayBuffer>
        >,
      ).arrayBuffer();
      const { key, conversationCount, messageCount } = restored;
      return {
        archive: new Uint8Array(archive),
        key,
        conversationCount,
        messageCount,
      };
    } finally {
      await restored.dispose();
    }
  },
  /** Reads the archive to its end, and lets go of it. */
  measureArchive: async (
    work: Work,
    bytes: Uint8Array,
    secret: SecretChoice,
  ) => {
    const restored = await restoreBackupAccountFileToArchive({
      ...workOptions(work),
      file: chosen(bytes),
      secret,
    });
    try {
      let sizeBytes = 0;
      const { conversationCount, messageCount } = restored;
      for await (const chunk of await restored.openArchive())
        sizeBytes += chunk.length;
      return { sizeBytes, conversationCount, messageCount };
    } finally {
      await restored.dispose();
    }
  },
  openForRequests: (
    work: Work,
    bytes: Uint8Array,
    secret: SecretChoice,
    onProgress: (progress: Progress) => Promise<void>,
  ) =>
    openBackupAccountFileForRequests({
      ...workOptions(work),
      file: chosen(bytes),
      secret,
      onProgress: (progress) => void onProgress(progress),
    }),
};

/** What tests call. */
export type AccountProgram = typeof program;

offerToTests(program);
