import { expect, test } from "vitest";
import { parseRange } from "./range.js";

test.each([
  ["bytes=0-0", { first: 0, last: 0 }],
  ["bytes=0-", { first: 0, last: 9 }],
  ["bytes=3-5", { first: 3, last: 5 }],
  ["bytes=3-99", { first: 3, last: 9 }],
  ["bytes=9-9", { first: 9, last: 9 }],
  ["bytes=-1", { first: 9, last: 9 }],
  ["bytes=-99", { first: 0, last: 9 }],
  ["BYTES=1-2", { first: 1, last: 2 }],
  ["bytes= 1-2 ", { first: 1, last: 2 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=10-20", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=999999999999999-", "unsatisfiable"],
  [undefined, "whole"],
  ["", "whole"],
  ["bytes", "whole"],
  ["bytes=", "whole"],
  ["bytes=-", "whole"],
  ["bytes=5-3", "whole"],
  ["bytes=a-b", "whole"],
  ["bytes=0x1-2", "whole"],
  ["bytes=1.5-2", "whole"],
  ["bytes=--1", "whole"],
  ["bytes=+1-2", "whole"],
  ["bytes=1 - 2", "whole"],
  ["bytes=0-1,3-4", "whole"],
  [`bytes=${"0-1,".repeat(1000)}0-1`, "whole"],
  ["bytes=99999999999999999999-", "unsatisfiable"],
  ["bytes=0-99999999999999999999", { first: 0, last: 9 }],
  [`bytes=${"9".repeat(400)}-${"9".repeat(400)}`, "unsatisfiable"],
  ["items=0-1", "whole"],
])("%s of ten bytes is %j", (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected);
});
