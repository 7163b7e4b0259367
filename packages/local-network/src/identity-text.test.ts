import { expect, test } from "vitest";
import { identityText } from "./identity-text.js";

const address = "0x1234567890abcdef1234567890abcdef12345678";

test("says what is signed, one action after the other", () => {
  const text = identityText("aabb", 1_700_000_000_999_999_999n, [
    { kind: "createInbox", owner: { kind: "ethereum", text: address } },
    { kind: "add", member: { kind: "ethereum", text: address } },
    { kind: "add", member: { kind: "installation", text: "010203" } },
    { kind: "add", member: { kind: "passkey", text: "04" } },
    { kind: "revoke", member: { kind: "ethereum", text: address } },
    { kind: "revoke", member: { kind: "installation", text: "010203" } },
    { kind: "revoke", member: { kind: "passkey", text: "04" } },
    { kind: "changeRecovery", recovery: { kind: "ethereum", text: address } },
  ]);
  expect(text).toBe(`XMTP : Authenticate to inbox

Inbox ID: aabb
Current time: 2023-11-14T22:13:20Z

- Create inbox
  (Owner: ${address})
- Link address to inbox
  (Address: ${address})
- Grant messaging access to app
  (ID: 010203)
- Link passkey to inbox
  (Passkey: 04)
- Unlink address from inbox
  (Address: ${address})
- Revoke messaging access from app
  (ID: 010203)
- Unlink passkey from inbox
  (Passkey: 04)
- Change inbox recovery address
  (Address: ${address})

For more info: https://xmtp.org/signatures`);
});

test.each([
  [0n, "1970-01-01T00:00:00Z"],
  [2n ** 63n - 1n, "2262-04-11T23:47:16Z"],
  [2n ** 63n, "1677-09-21T00:12:43Z"],
  [2n ** 64n - 1n, "1969-12-31T23:59:59Z"],
])("writes any 64-bit time as a signed one: %i", (ns, time) => {
  expect(identityText("", ns, [])).toContain(`Current time: ${time}\n`);
});
