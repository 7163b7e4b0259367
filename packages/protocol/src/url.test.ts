import { describe, expect, it } from "vitest";
import { failureOf } from "./testing/samples.js";
import { parseCanonicalStorageUrl, parseStorageUrl } from "./url.js";

const parse = (value: string) => parseStorageUrl(value, "request.uploadUrl");
const parseCanonical = (value: string) =>
  parseCanonicalStorageUrl(value, "request.uploadUrl");

describe("URLs in canonical form", () => {
  it.each([
    "https://storage.example/",
    "https://storage.example/backups",
    "https://storage.example/backups/SGVsbG8_-~.?a=b&c=%2F%3f+,;:@!$()*",
    "https://storage.example:8443/backups",
    "https://storage.example/?x",
    "https://xn--bcher-kva.example/",
    "https://minio_1.internal.example/",
    "https://192.0.2.1/backups",
    "https://[2001:db8::1]:8443/backups",
    "http://localhost:5558/backups",
    "http://127.0.0.1/",
    "http://[::1]:5558/",
    `https://storage.example/${"x".repeat(2_048 - 24)}`,
  ])("%s", (value) => {
    expect(parse(value)).toBe(value);
    expect(parseCanonical(value)).toBe(value);
  });
});

describe("other spellings of a URL, which an app may be given but no message carries", () => {
  it.each([
    ["HTTPS://storage.example/", "https://storage.example/"],
    ["https://Storage.EXAMPLE/A", "https://storage.example/A"],
    ["https://storage.example", "https://storage.example/"],
    ["https://storage.example?x", "https://storage.example/?x"],
    ["https://storage.example:443/", "https://storage.example/"],
    ["http://storage.example:080/", "http://storage.example/"],
    ["https://storage.example:/", undefined],
    ["https://storage.example/a/./b/../c", "https://storage.example/a/c"],
    ["https://storage.example/%2e%2e/x", "https://storage.example/x"],
    ["https://storage.example/?it's", "https://storage.example/?it%27s"],
    ["https://127.1/", "https://127.0.0.1/"],
    ["https://0x7f.0.0.1/", "https://127.0.0.1/"],
    ["https://2130706433/", "https://127.0.0.1/"],
    ["https://0177.0.0.1/", "https://127.0.0.1/"],
    ["https://[2001:DB8:0:0:0:0:0:1]/", "https://[2001:db8::1]/"],
    ["https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/"],
  ])("%s", (value, canonical) => {
    const error = failureOf(() => parseCanonical(value));
    expect(error.code).toBe("invalidField");
    expect(error.message).not.toContain("//");
    expect(canonical === undefined ? undefined : parse(value)).toBe(canonical);
  });
});

describe("what is no storage URL", () => {
  it.each<[string, string]>([
    ["nothing", ""],
    ["a path", "/backups"],
    ["a host", "storage.example"],
    ["no scheme", "//storage.example/"],
    ["javascript", "javascript:alert(1)"],
    [
      "javascript with an authority",
      "javascript://storage.example/%0aalert(1)",
    ],
    ["data", "data:text/plain,x"],
    ["file", "file:///etc/passwd"],
    ["ftp", "ftp://storage.example/"],
    ["blob", "blob:https://storage.example/x"],
    ["web socket", "wss://storage.example/"],
    ["a user", "https://user@storage.example/"],
    ["a user and a password", "https://user:secret@storage.example/"],
    ["an empty user", "https://@storage.example/"],
    ["an empty user and password", "https://:@storage.example/"],
    ["a host before the true one", "https://storage.example@evil.example/"],
    ["a fragment", "https://storage.example/#key"],
    ["an empty fragment", "https://storage.example/#"],
    ["a backslash for a slash", "https:\\\\storage.example\\"],
    ["a backslash behind the host", "https://storage.example\\@evil.example/"],
    ["a backslash in the path", "https://storage.example/a\\b"],
    ["one slash", "https:/storage.example/"],
    ["no slash", "https:storage.example/"],
    ["three slashes", "https:///storage.example/"],
    ["a space in front", " https://storage.example/"],
    ["a space behind", "https://storage.example/ "],
    ["a space inside", "https://storage.example/a b"],
    ["a tab in the scheme", "ht\ttps://storage.example/"],
    ["a line feed in the host", "https://storage\n.example/"],
    ["a line feed at the end", "https://storage.example/\n"],
    ["a carriage return", "https://storage.example/\r\nHost: evil.example"],
    ["a null", "https://storage.example/\u0000"],
    ["letters outside ASCII in the host", "https://bücher.example/"],
    ["a full-width dot", "https://storage。example/"],
    ["a Kelvin sign", "https://bac\u212aup.example/"],
    ["letters outside ASCII in the path", "https://storage.example/é"],
    ["a lone surrogate", "https://storage.example/\ud800"],
    ["a zero-width space", "https://stor\u200bage.example/"],
    ["a percent sign in the host", "https://storage%2eexample/"],
    ["a percent sign without digits", "https://storage.example/%"],
    ["a percent sign with one digit", "https://storage.example/%a"],
    ["a trailing dot", "https://storage.example./"],
    ["a trailing dot before the port", "http://localhost.:5558/"],
    ["an empty label", "https://storage..example/"],
    ["a leading dot", "https://.storage.example/"],
    ["an empty host", "https:///"],
    ["a port alone", "https://:443/"],
    ["a port of 65536", "https://storage.example:65536/"],
    ["a port of six digits", "https://storage.example:000443/"],
    ["a port of letters", "https://storage.example:https/"],
    ["an address out of range", "https://256.0.0.1/"],
    ["an address of five numbers", "https://1.2.3.4.5/"],
    ["an IPv6 address without brackets", "https://2001:db8::1/"],
    ["an IPv6 address with a zone", "https://[fe80::1%25eth0]/"],
    ["an IPv6 address cut short", "https://[2001:db8/"],
    ["bad Punycode", "https://xn--a.example/"],
    ["a bar in the path", "https://storage.example/a|b"],
    ["a caret in the query", "https://storage.example/?a^b"],
    ["quotes", 'https://storage.example/"'],
    ["angle brackets", "https://storage.example/<script>"],
    ["braces", "https://storage.example/{id}"],
    ["2,049 characters", `https://storage.example/${"x".repeat(2_025)}`],
  ])("%s", (_, value) => {
    const error = failureOf(() => parse(value));
    expect(error.code).toBe("invalidField");
    expect(error.message).toMatch(
      /^request\.uploadUrl: (longer than 2048 characters|not an absolute http or https URL without credentials and fragment)$/,
    );
    expect(failureOf(() => parseCanonical(value)).code).toBe("invalidField");
  });
});

it("is at most 2,048 characters in canonical form too", () => {
  // Each quote becomes three characters.
  const value = `https://storage.example/?${"'".repeat(1_000)}`;
  expect(value.length).toBeLessThan(2_048);
  expect(failureOf(() => parse(value)).message).toContain("longer than 2048");
});

it("takes no more than linear time", () => {
  const startMs = performance.now();
  for (const part of ["a.", "%", "a-", "[", ":", "/.."])
    failureOf(() =>
      parse(`https://${part.repeat(1_000).slice(0, 2_000)}\u0000`),
    );
  expect(performance.now() - startMs).toBeLessThan(500);
});
