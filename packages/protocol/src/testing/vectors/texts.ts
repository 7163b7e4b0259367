/** Texts of single fields, as JSON strings; those that JSON or UTF-8 cannot carry are among the payloads. */
const accepted = (text: string, canonical = text) => ({ text, canonical });
const refused = (text: string) => ({ text, expected: "refused" as const });

export const storageUrlVectors = {
  about:
    "Storage URLs. `canonical` is the form that messages carry; a message with any other form is refused.",
  cases: [
    accepted("https://storage.example/backups?authorization=x"),
    accepted("https://[2001:db8::1]:8443/"),
    accepted("http://localhost:5558/"),
    accepted("https://storage.example", "https://storage.example/"),
    accepted("HTTPS://Storage.Example:443/A", "https://storage.example/A"),
    accepted("https://storage.example/a/../b", "https://storage.example/b"),
    accepted("https://0x7f.1/", "https://127.0.0.1/"),
    refused("https://user@storage.example/"),
    refused("https://@storage.example/"),
    refused("https://storage.example/#key"),
    refused("https://storage.example\\@evil.example/"),
    refused("https:storage.example/"),
    refused("https:///storage.example/"),
    refused("https://storage.example./"),
    refused("https://storage%2eexample/"),
    refused("https://bücher.example/"),
    refused("https://storage\t.example/"),
    refused("https://storage.example/ "),
    refused("https://storage.example/%zz"),
    refused("ftp://storage.example/"),
    refused("javascript:alert(1)"),
    refused("data:text/plain,x"),
    refused(`https://storage.example/${"x".repeat(2_025)}`),
  ],
};

export const appNameVectors = {
  about: "Names that apps give themselves in a request.",
  cases: [
    accepted("Example Chat"),
    accepted("聊天 🚀"),
    accepted("דַּבֵּר"),
    accepted("x".repeat(64)),
    refused(""),
    refused("x".repeat(65)),
    refused(" Chat"),
    refused("Chat  by you"),
    refused("Chat\u00a0by"),
    refused("Chat\nApprove"),
    refused("Chat\u202eexe"),
    refused("Cha\u200bt"),
    refused("Cha\u00adt"),
    refused("\u3164"),
    refused("\u2800"),
    refused("Cha\ufe0ft"),
    refused("\u0301Chat"),
    refused("Z\u030d\u030d\u030d\u030d"),
    refused("Chat \ue000"),
  ],
};

export const typedPinVectors = {
  about: "What a person types for a PIN, and the PIN.",
  cases: [
    accepted("0042"),
    accepted("00 42", "0042"),
    accepted(" 00-42\n", "0042"),
    refused("42"),
    refused("00042"),
    refused("004２"),
    refused("0x42"),
    refused(""),
  ],
};
