/** Who talks in the sample history. `alix` is the person whose history moves. */
export type Person = "alix" | Friend | NewFriend;

/** Everyone whom Alix knows from the beginning. */
export type Friend = "bo" | "cleo" | "dana" | "eve";

/** Whoever comes later. */
export type NewFriend = "fay";

/** All friends, in the order in which they appear. */
export const friends: readonly Friend[] = ["bo", "cleo", "dana", "eve"];

/**
 * One thing that happens in a conversation. `to` and `about` count messages back, reactions left out: 1 is the message
 * before.
 */
export type Line =
  | { kind: "text"; from: Person; text: string }
  | { kind: "reply"; from: Person; text: string; to: number }
  | { kind: "reaction"; from: Person; emoji: string; about: number }
  | {
      kind: "attachment";
      from: Person;
      filename: string;
      mimeType: string;
      content: string;
    }
  | { kind: "readReceipt"; from: Person }
  | { kind: "join"; who: Friend }
  | { kind: "leave"; who: Friend }
  | { kind: "rename"; name: string };

/** One conversation of the story. */
export interface Chapter {
  readonly kind: "group" | "dm";
  /** Whoever makes it. In a group of somebody else Alix is a plain member. */
  readonly madeBy: Person;
  readonly name: string;
  /** Besides whoever makes it; one in a DM. */
  readonly members: readonly Person[];
  readonly lines: readonly Line[];
  /** What Alix thinks of it. */
  readonly consent: "allowed" | "denied";
}

/** A message. */
export const text = (from: Person, what: string): Line => ({
  kind: "text",
  from,
  text: what,
});
/** An answer to a message, so many back. */
export const reply = (from: Person, what: string, to = 1): Line => ({
  kind: "reply",
  from,
  text: what,
  to,
});
/** A reaction to a message, so many back. */
export const react = (from: Person, emoji: string, about = 1): Line => ({
  kind: "reaction",
  from,
  emoji,
  about,
});

const places = [
  ["the castle", "Monday at nine", "🏰"],
  ["tram 28", "Monday at noon", "🚋"],
  ["the tile museum", "Tuesday morning", "🖼️"],
  ["Belém", "Tuesday afternoon", "🥧"],
  ["the oceanarium", "Wednesday, if it rains", "🐠"],
  ["Cacilhas by ferry", "Wednesday evening", "⛴️"],
  ["the flea market", "Saturday, early", "🧺"],
  ["Sintra", "Thursday, all day", "🏞️"],
  ["the bookshop in Chiado", "Friday at eleven", "📚"],
  ["Miradouro da Graça", "every sunset", "🌇"],
  ["the fado house", "Friday night", "🎶"],
  ["the beach at Caparica", "Sunday", "🏖️"],
] as const;

const itinerary = places
  .map(
    ([place, when, sign], index) =>
      `${index + 1}. ${sign} ${place}: ${when}. Meet ten minutes before at the door, bring water, the blue card for the tram, and whatever you said you would bring. If somebody is late we wait a quarter of an hour and leave a note here, so keep an eye on this group on the way.`,
  )
  .join("\n");

const map = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400"><title>Our Lisbon</title>${places
  .map(
    ([place], index) =>
      `<g transform="translate(${40 + (index % 4) * 140} ${60 + Math.floor(index / 4) * 110})"><circle r="9" fill="#c33"/><text x="14" y="5" font-size="12">${place}</text></g>`,
  )
  .join("")}</svg>`;

const lisbon = (): Line[] => [
  text("alix", "Ok, it is decided: Lisbon!"),
  react("bo", "🎉"),
  react("cleo", "❤️"),
  text("bo", "Booked the flat. Three bedrooms and a roof 🌞"),
  text("cleo", "Can Dana come too?"),
  reply("alix", "Of course. Adding her now."),
  { kind: "join", who: "dana" },
  text("dana", "Hello everyone 👋 what did I miss?"),
  text("bo", "Nothing but my jokes."),
  ...places.flatMap(([place, when, sign], index): Line[] => {
    const [first, second, third] =
      index % 3 === 0
        ? (["alix", "bo", "cleo"] as const)
        : index % 3 === 1
          ? (["cleo", "dana", "alix"] as const)
          : (["dana", "alix", "bo"] as const);
    return [
      text(first, `What about ${place}? ${sign}`),
      text(second, `I could do ${when}.`),
      reply(third, `Same here: ${when} it is.`, 1),
      react(first, "👍"),
      text(second, `Then I get the tickets for ${place}.`),
      text(third, index % 2 === 0 ? "Obrigada!" : "Perfect ✨"),
      react(second, sign),
      text(first, `Noted: ${place}, ${when}.`),
    ];
  }),
  { kind: "rename", name: "Lisbon in June" },
  text("alix", itinerary),
  react("bo", "😍"),
  react("dana", "💯"),
  {
    kind: "attachment",
    from: "cleo",
    filename: "our-lisbon.svg",
    mimeType: "image/svg+xml",
    content: map,
  },
  reply("bo", "Did you draw that map yourself?"),
  text("dana", "My boss says no. I have to drop out, have fun 😢"),
  { kind: "leave", who: "dana" },
  text("cleo", "Poor Dana. We bring her azulejos."),
  { kind: "readReceipt", from: "bo" },
];

const books = [
  "The Left Hand of Darkness",
  "Piranesi",
  "The Dispossessed",
  "Stories of Your Life",
  "Invisible Cities",
  "The Master and Margarita",
  "A Wizard of Earthsea",
  "Solaris",
] as const;

const bookClub = (): Line[] =>
  books.flatMap((book, index): Line[] => [
    text("bo", `Next: ${book}. Who has it?`),
    text("dana", index % 2 === 0 ? "I do!" : "From the library, next week."),
    text("alix", `Page ${23 + index * 31} and I cannot stop 📖`),
    reply("bo", "No spoilers!"),
    react("dana", "😂"),
    text("cleo", `I liked the ${index % 2 === 0 ? "beginning" : "end"} best.`),
    text("alix", "Same time on Thursday?"),
    react("bo", "👍"),
  ]);

const dishes = [
  "dumplings",
  "pizza",
  "that lentil soup",
  "ramen",
  "leftovers",
  "pancakes",
  "something green",
  "curry",
  "soup and bread",
  "nothing, I am full",
] as const;

const withBo = (): Line[] => [
  text("bo", "hey, new number, who dis 😄"),
  ...dishes.flatMap((dish, index): Line[] => [
    text("alix", `Dinner ${index % 2 === 0 ? "tonight" : "tomorrow"}?`),
    text("bo", `Yes. I vote for ${dish}.`),
    react("alix", index % 2 === 0 ? "😋" : "🙃"),
    text(
      "alix",
      `${18 + (index % 4)}:30 at ${index % 2 === 0 ? "yours" : "mine"}`,
    ),
    reply("bo", "👌 I bring the drinks"),
    text(
      "bo",
      index % 3 === 0 ? "On my way" : "Running five minutes late, sorry",
    ),
  ]),
  text("alix", "Thanks for yesterday."),
];

const withCleo = (): Line[] =>
  ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"].flatMap(
    (day): Line[] => [
      text("cleo", `Run on ${day}? 🏃‍♀️`),
      text("alix", "If it does not rain."),
      text("cleo", "It never rains."),
      reply("alix", "It is raining."),
      react("cleo", "🌧️"),
      text("cleo", `${day} it is anyway.`),
    ],
  );

const withDana = (): Line[] => [
  text("dana", "I am so sorry about Lisbon."),
  text("alix", "There will be another June."),
  react("dana", "🥹"),
  text("alix", "We send you the map."),
  reply("dana", "Please do!"),
  { kind: "readReceipt", from: "alix" },
];

const withEve = (): Line[] => [
  text("eve", "CONGRATULATIONS you won a boat"),
  text("eve", "Only your seed phrase is missing!!"),
];

/**
 * The sample history: four DMs and two groups, some hundreds of messages of every common kind. Groups come last: whoever
 * is asked for the history right away can add a device to a group at once, but to a DM only when nobody wrote in it for
 * five seconds.
 */
export const story: readonly Chapter[] = [
  {
    kind: "dm",
    madeBy: "alix",
    name: "Bo",
    members: ["bo"],
    lines: withBo(),
    consent: "allowed",
  },
  {
    kind: "dm",
    madeBy: "cleo",
    name: "Cleo",
    members: ["alix"],
    lines: withCleo(),
    consent: "allowed",
  },
  {
    kind: "dm",
    madeBy: "alix",
    name: "Dana",
    members: ["dana"],
    lines: withDana(),
    consent: "allowed",
  },
  {
    kind: "dm",
    madeBy: "eve",
    name: "Eve",
    members: ["alix"],
    lines: withEve(),
    consent: "denied",
  },
  {
    kind: "group",
    madeBy: "bo",
    name: "Book club",
    members: ["alix", "cleo", "dana"],
    lines: bookClub(),
    consent: "allowed",
  },
  {
    kind: "group",
    madeBy: "alix",
    name: "Lisbon in May",
    members: ["bo", "cleo"],
    lines: lisbon(),
    consent: "allowed",
  },
];

/** Messages that chapters send, of whatever kind. Membership changes are not messages. */
export const countMessages = (chapters: readonly Chapter[]): number =>
  chapters
    .flatMap((chapter) => chapter.lines)
    .filter((line) => !["join", "leave", "rename"].includes(line.kind)).length;

/** Messages of the whole story. */
export const storyMessageCount: number = countMessages(story);
