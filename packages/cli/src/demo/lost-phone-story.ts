import {
  type Chapter,
  type Line,
  react,
  reply,
  story,
  text,
} from "../sample/story.js";

const chapterOf = (name: string): Chapter => {
  const found = story.find((chapter) => chapter.name === name);
  if (found === undefined) throw new Error(`there is no chapter ${name}`);
  return found;
};

const goOn = (name: string, lines: readonly Line[]): Chapter => ({
  ...chapterOf(name),
  lines,
});

/** Before the file is made. */
export const beforeTheFile: readonly Chapter[] = [
  "Bo",
  "Dana",
  "Eve",
  "Lisbon in May",
].map(chapterOf);

/** After it: in conversations of before, and in new ones that the file has never seen. */
export const afterTheFile: readonly Chapter[] = [
  goOn("Bo", [
    text("bo", "Flight is at seven. Seven in the morning."),
    text("alix", "That is not a time."),
    react("bo", "😴"),
    reply("bo", "I bring coffee.", 1),
    { kind: "readReceipt", from: "alix" },
  ]),
  {
    kind: "dm",
    madeBy: "fay",
    name: "Fay",
    members: ["alix"],
    lines: [
      text("fay", "Hi, Cleo says you look for a flatmate?"),
      text("alix", "I do! Do you like cats?"),
      text("fay", "I have two 🐈"),
      react("alix", "❤️"),
      text("alix", "Then come by on Sunday."),
    ],
    consent: "allowed",
  },
  goOn("Lisbon in May", [
    text("cleo", "Landed! The flat has a lemon tree 🍋"),
    text("bo", "And one key for three people."),
    reply("alix", "I take the key.", 1),
    react("cleo", "🔑"),
    text("cleo", "Tram 28 at noon?"),
    text("bo", "If we wake up."),
  ]),
  {
    kind: "group",
    madeBy: "cleo",
    name: "Flat 4B",
    members: ["alix", "fay"],
    lines: [
      text("cleo", "You two should talk 🙂"),
      text("fay", "We did. I bring the cats."),
      text("alix", "And I bring the boxes."),
      react("fay", "📦"),
      reply("cleo", "I bring nothing and eat everything.", 1),
    ],
    consent: "allowed",
  },
];

/** While Alix has no device at all. */
export const withoutAPhone: readonly Chapter[] = [
  goOn("Bo", [
    text("bo", "Where are you? We are at the gate."),
    text("bo", "Alix?"),
  ]),
  goOn("Lisbon in May", [
    text("bo", "Alix does not answer. Did anybody hear anything?"),
    text("cleo", "The phone fell off the ferry 🌊 I saw it fly."),
    react("bo", "😱"),
  ]),
  {
    kind: "group",
    madeBy: "dana",
    name: "A phone for Alix",
    members: ["alix", "bo", "cleo"],
    lines: [
      text("dana", "We all chip in, yes?"),
      text("bo", "Twenty from me."),
      text("cleo", "Same. And a string to tie it on."),
    ],
    consent: "allowed",
  },
];

/** Who can say what was said in a conversation: somebody who was there all the time. */
export const witnesses = {
  Bo: "bo",
  Dana: "dana",
  Eve: "eve",
  "Lisbon in May": "bo",
  Fay: "fay",
  "Flat 4B": "cleo",
  "A phone for Alix": "dana",
} as const;
