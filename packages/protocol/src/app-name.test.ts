import { describe, expect, it } from "vitest";
import { parseAppName } from "./app-name.js";
import { failureOf } from "./testing/samples.js";

describe("names that apps have", () => {
  it.each([
    "x",
    "Example Chat",
    "Converse 2.0 (beta)",
    "Ωmega",
    "聊天",
    "دردشة",
    "Trò chuyện",
    "Tro\u0300 chuye\u0323\u0302n",
    "लड़ीं",
    "ห้องแชท น้ำ",
    "שִׂיחָה",
    "🚀 Rocket",
    "AT&T <Mail>",
    "x".repeat(64),
    "🚀".repeat(64),
  ])("%j", (name) => {
    expect(parseAppName(name)).toBe(name);
  });
});

describe("names that mislead", () => {
  it.each<[string, string]>([
    ["right-to-left override", "Chat\u202eexe"],
    ["left-to-right override", "Chat\u202dexe"],
    ["right-to-left embedding", "Chat\u202bexe"],
    ["right-to-left isolate", "Chat\u2067exe"],
    ["pop directional isolate", "Chat\u2069exe"],
    ["right-to-left mark", "Chat\u200f"],
    ["Arabic letter mark", "Chat\u061c"],
    ["zero-width space", "Cha\u200bt"],
    ["zero-width non-joiner", "Cha\u200ct"],
    ["zero-width joiner", "Cha\u200dt"],
    ["word joiner", "Cha\u2060t"],
    ["byte order mark", "\ufeffChat"],
    ["soft hyphen", "Cha\u00adt"],
    ["combining grapheme joiner", "Cha\u034ft"],
    ["variation selector", "Cha\ufe0ft"],
    ["variation selector of plane 14", "Cha\u{e0100}t"],
    ["tag character", "Cha\u{e0041}t"],
    ["Mongolian vowel separator", "Cha\u180et"],
    ["Hangul filler", "\u3164"],
    ["half-width Hangul filler", "\uffa0"],
    ["Hangul choseong filler", "\u115f"],
    ["empty braille pattern", "\u2800"],
    ["interlinear annotation", "Chat\ufff9"],
    ["null", "Chat\u0000"],
    ["escape", "\u001b[31mChat"],
    ["backspace", "Chat\b"],
    ["delete", "Chat\u007f"],
    ["next line", "Chat\u0085by you"],
    ["lone high surrogate", "Chat \ud83d"],
    ["lone low surrogate", "\ude80 Chat"],
    ["private use", "Chat \ue000"],
    ["noncharacter", "Chat \ufffe"],
    ["unassigned", "Chat \u0378"],
  ])("%s", (_, name) => {
    const error = failureOf(() => parseAppName(name));
    expect(error.code).toBe("invalidField");
    expect(error.message).toBe("request.appName: holds invisible characters");
  });

  it.each<[string, string]>([
    ["space at the start", " Chat"],
    ["space at the end", "Chat "],
    ["two spaces", "Chat  by you"],
    ["spaces alone", " "],
    ["no-break space", "Chat\u00a0you"],
    ["figure space", "Chat\u2007you"],
    ["ideographic space", "Chat\u3000you"],
    ["ogham space", "Chat\u1680you"],
    ["line separator", "Chat\u2028you"],
    ["paragraph separator", "Chat\u2029you"],
  ])("%s", (_, name) => {
    expect(failureOf(() => parseAppName(name)).message).toMatch(
      /: holds spaces/,
    );
  });

  it.each(["\n", "\r", "\t", "\u000b", "\u000c"])(
    "line or page break %j",
    (character) => {
      expect(
        failureOf(() => parseAppName(`Chat${character}Approve`)).code,
      ).toBe("invalidField");
    },
  );

  it.each<[string, string]>([
    ["a mark at the start", "\u0301Chat"],
    ["a mark on a space", "Chat \u0301you"],
    ["four marks in a row", "Cha\u0301\u0302\u0303\u0304t"],
    ["a tower of marks", `Z${"\u030d".repeat(40)}`],
    ["enclosing marks", `A${"\u20dd".repeat(4)}`],
  ])("%s", (_, name) => {
    expect(failureOf(() => parseAppName(name)).message).toMatch(
      /: holds combining marks/,
    );
  });
});

it.each<[number, string]>([
  [0, ""],
  [65, "x".repeat(65)],
  [65, "🚀".repeat(65)],
  [60_000, "x".repeat(60_000)],
])("is 1 to 64 code points, not %i", (count, name) => {
  expect(failureOf(() => parseAppName(name)).message).toBe(
    `request.appName: expected 1 to 64 characters, got ${count}`,
  );
});

it("names the option when it is the app's own", () => {
  expect(failureOf(() => parseAppName("", "options.appName")).message).toMatch(
    /^options\.appName: /,
  );
});
