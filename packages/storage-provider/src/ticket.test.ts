import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createTicketOffice, parseBlobId } from "./ticket.js";

const secret = randomBytes(32);
const office = createTicketOffice(secret);
const terms = { maxBytes: 5 * 1024 ** 3, expiresAtMs: 1_900_000_000_000 };

test("a ticket says what it was issued for, also to another instance with the secret", () => {
  const issued = office.issue(terms);
  expect(createTicketOffice(secret).verify(issued.token)).toEqual({
    blobId: issued.blobId,
    ...terms,
  });
  expect(parseBlobId(issued.blobId)).toBe(issued.blobId);
});

test("a ticket with any bit changed was not issued here", () => {
  const bytes = Buffer.from(office.issue(terms).token, "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const altered = Buffer.from(bytes);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => office.verify(altered.toString("base64url"))).toThrow(
      expect.objectContaining({ code: "ticket-invalid" }),
    );
  }
});

test("a ticket cut, lengthened or spelled otherwise was not issued here", () => {
  const { token } = office.issue(terms);
  const others = [
    token.slice(0, -1),
    `${token}A`,
    `${token}=`,
    `${token} `,
    `${token.slice(0, -1)}B`,
    Buffer.from(token, "base64url").toString("hex"),
    "A".repeat(token.length),
    "\u0000",
  ].filter((each) => each !== token);
  for (const other of others) {
    expect(() => office.verify(other)).toThrow(
      expect.objectContaining({ code: "ticket-invalid" }),
    );
  }
});

test("another secret, and one key used for another purpose, verify nothing", () => {
  const issued = office.issue(terms);
  const other = createTicketOffice(randomBytes(32));
  expect(() => other.verify(issued.token)).toThrow(
    expect.objectContaining({ code: "ticket-invalid" }),
  );
  expect(() => other.verifyReceipt(issued.blobId, issued.receiptKey)).toThrow(
    expect.objectContaining({ code: "receipt-invalid" }),
  );
  expect(() => office.verifyReceipt(issued.blobId, issued.token)).toThrow(
    expect.objectContaining({ code: "receipt-invalid" }),
  );
  expect(() => office.verify(issued.receiptKey)).toThrow(
    expect.objectContaining({ code: "ticket-invalid" }),
  );
});

test("a receipt key with any bit changed, or of another file, is refused", () => {
  const { blobId, receiptKey } = office.issue(terms);
  expect(office.verifyReceipt(blobId, receiptKey)).toEqual({
    ticketExpiresAtMs: terms.expiresAtMs,
  });
  const bytes = Buffer.from(receiptKey, "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const altered = Buffer.from(bytes);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() =>
      office.verifyReceipt(blobId, altered.toString("base64url")),
    ).toThrow(expect.objectContaining({ code: "receipt-invalid" }));
  }
  expect(() =>
    office.verifyReceipt(office.issue(terms).blobId, receiptKey),
  ).toThrow(expect.objectContaining({ code: "receipt-invalid" }));
});

test("the download address and the receipt key are not in the upload ticket", () => {
  const { token, blobId, receiptKey } = office.issue(terms);
  const ticket = Buffer.from(token, "base64url");
  expect(ticket.includes(Buffer.from(blobId, "base64url"))).toBe(false);
  expect(
    ticket.includes(Buffer.from(receiptKey, "base64url").subarray(8)),
  ).toBe(false);
});

test("a short secret is refused", () => {
  expect(() => createTicketOffice(randomBytes(31))).toThrow(
    expect.objectContaining({ code: "settings-invalid" }),
  );
});

test("a name has one spelling", () => {
  const { blobId } = office.issue(terms);
  const last = blobId.slice(-1);
  const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // The last character carries four bits; the other spellings of them are no names.
  const spellings = [...alphabet].filter(
    (each) => (alphabet.indexOf(each) ^ alphabet.indexOf(last)) < 4,
  );
  expect(
    spellings.filter(
      (each) => parseBlobId(blobId.slice(0, -1) + each) !== undefined,
    ),
  ).toEqual([last]);
});
