import { CarryoverError } from "@carryover/xmtp-browser";

/** Where a file went. */
export type SavedFile =
  /** Where the person said. It can be read back. */
  | { readonly kind: "picked"; readonly handle: FileSystemFileHandle }
  /** To where the browser puts downloads: a page cannot see what became of it. */
  | { readonly kind: "downloaded" }
  /** The person changed their mind. */
  | { readonly kind: "cancelled" };

interface SavePicker {
  showSaveFilePicker?: (options: {
    suggestedName: string;
  }) => Promise<FileSystemFileHandle>;
}

/**
 * Saves a file where the person says, or as a download where the browser cannot ask. To be called from a click.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function saveFile(blob: Blob, name: string): Promise<SavedFile> {
  const { showSaveFilePicker } = window as SavePicker;
  if (showSaveFilePicker === undefined) {
    download(blob, name);
    return { kind: "downloaded" };
  }
  let handle: FileSystemFileHandle;
  try {
    handle = await showSaveFilePicker.call(window, { suggestedName: name });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError")
      return { kind: "cancelled" };
    throw new CarryoverError("diskError", "the browser did not ask where to", {
      cause,
    });
  }
  try {
    await blob.stream().pipeTo(await handle.createWritable());
  } catch (cause) {
    throw new CarryoverError("diskError", "the file could not be written", {
      cause,
    });
  }
  return { kind: "picked", handle };
}

const releaseAfterMs = 60_000;

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers begin to read only now.
  setTimeout(() => URL.revokeObjectURL(url), releaseAfterMs);
}
