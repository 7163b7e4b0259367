import { AccountFileError } from "../errors.js";

const MAX_INT64 = 2n ** 63n - 1n;

/** One JSON object that is read field by field; what nobody asked for is left as unknown. */
export interface Fields {
  /** @throws AccountFileError `headerInvalid` when it is no text of that form */
  text(name: string, pattern: RegExp): string;
  /** A time as decimal text. @throws AccountFileError `headerInvalid` */
  timeNs(name: string): bigint;
  /** The same, or `undefined` where the field is missing. @throws AccountFileError `headerInvalid` */
  optionalTimeNs(name: string): bigint | undefined;
  /** A whole number from 1 on. @throws AccountFileError `headerInvalid` */
  count(name: string): number;
  /** An object within. @throws AccountFileError `headerInvalid` */
  object(name: string): Fields;
  /** Paths of the fields that were not read, here and within. */
  unknown(): string[];
}

const invalid = (path: string, expected: string): AccountFileError =>
  new AccountFileError("headerInvalid", `${path}: expected ${expected}`);

/** @throws AccountFileError `headerInvalid` when it is no object */
export const fieldsOf = (value: unknown, path: string): Fields => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(path, "an object");
  const entries = new Map<string, unknown>(Object.entries(value));
  const read = new Set<string>();
  const within: Fields[] = [];
  const pathOf = (name: string): string => `${path}.${name}`;
  const take = (name: string): unknown => {
    read.add(name);
    return entries.get(name);
  };
  const timeNs = (name: string): bigint => {
    const raw = take(name);
    // Numbers of JSON lose digits beyond 2^53.
    if (typeof raw === "string" && /^[1-9][0-9]{0,18}$/.test(raw)) {
      const time = BigInt(raw);
      if (time <= MAX_INT64) return time;
    }
    throw invalid(pathOf(name), "nanoseconds since 1970 as decimal text");
  };
  return {
    text(name, pattern) {
      const raw = take(name);
      if (typeof raw !== "string" || !pattern.test(raw))
        throw invalid(pathOf(name), `text of the form ${pattern.source}`);
      return raw;
    },
    timeNs,
    optionalTimeNs: (name) => (entries.has(name) ? timeNs(name) : undefined),
    count(name) {
      const raw = take(name);
      if (typeof raw !== "number" || !Number.isSafeInteger(raw) || raw < 1)
        throw invalid(pathOf(name), "a whole number from 1 on");
      return raw;
    },
    object(name) {
      const fields = fieldsOf(take(name), pathOf(name));
      within.push(fields);
      return fields;
    },
    unknown: () => [
      ...[...entries.keys()]
        .filter((name) => !read.has(name))
        // The name is outside text, so its length is bounded and its characters are plain.
        .map((name) =>
          pathOf(/^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : "(odd name)"),
        ),
      ...within.flatMap((fields) => fields.unknown()),
    ],
  };
};
