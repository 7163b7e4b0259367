import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { decodeBase64Url } from "./base64url.js";
import { deriveKey } from "./derived-key.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** Name of a stored file: 160 bits in base64url, known to the requester and to whoever uploaded. */
export type BlobId = string & { readonly __brand: "BlobId" };

/** What a verified upload ticket says. */
export interface Ticket {
  readonly blobId: BlobId;
  /** Largest file that it admits, in bytes. */
  readonly maxBytes: number;
  /** Unix time in milliseconds after which no new upload may start. */
  readonly expiresAtMs: number;
}

/** A new authorization: the secrets that leave the service, and what they stand for. */
export interface IssuedTicket extends Ticket {
  /** Goes into the upload URL. */
  readonly token: string;
  /** Stays with the requester: deletes this one file. */
  readonly receiptKey: string;
}

/** Issues and verifies upload tickets and receipt keys; keeps nothing. */
export interface TicketOffice {
  /**
   * @param terms size limit in bytes and end of validity in Unix milliseconds
   * @returns a ticket over a fresh random name
   */
  issue(terms: {
    readonly maxBytes: number;
    readonly expiresAtMs: number;
  }): IssuedTicket;
  /**
   * Checks the signature, not the time.
   *
   * @throws StorageProviderError `ticket-missing`, `ticket-invalid`
   */
  verify(token: string | undefined): Ticket;
  /**
   * @param id the file that is to be deleted
   * @param receiptKey what the caller holds
   * @returns when the ticket of that file stops being valid, in Unix milliseconds
   * @throws StorageProviderError `receipt-missing`, `receipt-invalid`
   */
  verifyReceipt(
    id: BlobId,
    receiptKey: string | undefined,
  ): { readonly ticketExpiresAtMs: number };
}

const ticketVersion = 1;
const nonceBytes = 20;
const macBytes = 32;
const bodyBytes = 1 + nonceBytes + 8 + 8;
const idBytes = 20;

/**
 * @param text a path segment from outside
 * @returns the name, or `undefined` where no file can have it
 */
export function parseBlobId(text: string): BlobId | undefined {
  // One spelling is a name, so a file has one address.
  return decodeBase64Url(text, idBytes) === undefined
    ? undefined
    : (text as BlobId);
}

/**
 * @param secret at least 32 random bytes; every instance that serves the same files has the same one
 * @returns an office whose tickets, file names and receipt keys come from separate keys, so none tells of another
 * @throws StorageProviderError `settings-invalid` when the secret is too short
 */
export function createTicketOffice(secret: Uint8Array): TicketOffice {
  const ticketKey = deriveKey(secret, "ticket");
  const nameKey = deriveKey(secret, "name");
  const receiptKey = deriveKey(secret, "receipt");
  const mac = (key: Buffer, ...parts: readonly Uint8Array[]) => {
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  // The name is not in the ticket: who sees the upload address cannot tell the download address from it.
  const nameOf = (nonce: Uint8Array) =>
    mac(nameKey, nonce).subarray(0, idBytes).toString("base64url") as BlobId;
  const receiptMac = (id: BlobId, expiry: Uint8Array) =>
    mac(receiptKey, expiry, Buffer.from(id, "latin1"));

  return {
    issue({ maxBytes, expiresAtMs }) {
      const body = Buffer.alloc(bodyBytes);
      body.writeUInt8(ticketVersion, 0);
      randomBytes(nonceBytes).copy(body, 1);
      body.writeBigUInt64BE(BigInt(maxBytes), 1 + nonceBytes);
      body.writeBigUInt64BE(BigInt(expiresAtMs), 1 + nonceBytes + 8);
      const blobId = nameOf(body.subarray(1, 1 + nonceBytes));
      const expiry = body.subarray(1 + nonceBytes + 8);
      return {
        blobId,
        maxBytes,
        expiresAtMs,
        token: Buffer.concat([body, mac(ticketKey, body)]).toString(
          "base64url",
        ),
        receiptKey: Buffer.concat([
          expiry,
          receiptMac(blobId, expiry),
        ]).toString("base64url"),
      };
    },
    verify(token) {
      if (token === undefined || token === "") {
        throw new StorageProviderError(
          "ticket-missing",
          "the upload address has no ticket",
        );
      }
      const bytes = decodeBase64Url(token, bodyBytes + macBytes);
      if (
        bytes === undefined ||
        !timingSafeEqual(
          bytes.subarray(bodyBytes),
          mac(ticketKey, bytes.subarray(0, bodyBytes)),
        ) ||
        bytes.readUInt8(0) !== ticketVersion
      ) {
        throw new StorageProviderError(
          "ticket-invalid",
          "the ticket was not issued by this storage provider",
        );
      }
      return {
        blobId: nameOf(bytes.subarray(1, 1 + nonceBytes)),
        maxBytes: Number(bytes.readBigUInt64BE(1 + nonceBytes)),
        expiresAtMs: Number(bytes.readBigUInt64BE(1 + nonceBytes + 8)),
      };
    },
    verifyReceipt(id, key) {
      if (key === undefined || key === "") {
        throw new StorageProviderError(
          "receipt-missing",
          "no receipt key in the Authorization header",
        );
      }
      const bytes = decodeBase64Url(key, 8 + macBytes);
      if (
        bytes === undefined ||
        !timingSafeEqual(
          bytes.subarray(8),
          receiptMac(id, bytes.subarray(0, 8)),
        )
      ) {
        throw new StorageProviderError(
          "receipt-invalid",
          "the receipt key does not belong to this backup",
        );
      }
      return { ticketExpiresAtMs: Number(bytes.readBigUInt64BE(0)) };
    },
  };
}
