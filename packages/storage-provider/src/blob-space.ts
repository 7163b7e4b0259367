import { StorageProviderError } from "./storage-provider-error.js";

/** How much of the space that is set aside a blob store has used. */
export interface BlobSpace {
  /** Files that are stored and uploads that are under way, bytes. */
  usedBytes(): number;
  /** For one upload. */
  reserve(): Reservation;
  /** A file is there from now on. */
  add(bytes: number): void;
  /** A file is there no more. */
  free(bytes: number): void;
  /** What was counted anew. */
  setStored(bytes: number): void;
}

/** What one upload has taken so far. */
export interface Reservation {
  /** @throws StorageProviderError `full` */
  grow(bytes: number): void;
  /** Gives it back, once. */
  release(): void;
}

/** @param maxTotalBytes - `Infinity` for no limit */
export function createBlobSpace(maxTotalBytes: number): BlobSpace {
  let storedBytes = 0;
  let underwayBytes = 0;
  const usedBytes = () => storedBytes + underwayBytes;
  return {
    usedBytes,
    reserve: () => {
      let reservedBytes = 0;
      return {
        grow: (bytes) => {
          reservedBytes += bytes;
          underwayBytes += bytes;
          if (usedBytes() > maxTotalBytes) {
            throw new StorageProviderError(
              "full",
              "the space set aside for backups is used up",
            );
          }
        },
        release: () => {
          underwayBytes -= reservedBytes;
          reservedBytes = 0;
        },
      };
    },
    add: (bytes) => {
      storedBytes += bytes;
    },
    free: (bytes) => {
      storedBytes -= bytes;
    },
    setStored: (bytes) => {
      storedBytes = bytes;
    },
  };
}
