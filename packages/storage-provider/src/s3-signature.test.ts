import { expect, test } from "vitest";
import { encodeQuery, signS3Request } from "./s3-signature.js";

const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
};
const empty =
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const signatureOf = (
  request: Omit<Parameters<typeof signS3Request>[0], "host">,
) =>
  signS3Request(
    { host: "examplebucket.s3.amazonaws.com", ...request },
    credentials,
    new Date("2013-05-24T00:00:00.000Z"),
  ).authorization?.split("Signature=")[1];

// The examples of the documentation of Amazon S3, "Signature Calculations for the Authorization Header".
test("a GET with a range is signed as in the documentation", () => {
  expect(
    signatureOf({
      method: "GET",
      path: "/test.txt",
      query: {},
      headers: { range: "bytes=0-9" },
      bodySha256: empty,
    }),
  ).toBe("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
});

test("a PUT with headers is signed as in the documentation", () => {
  expect(
    signatureOf({
      method: "PUT",
      path: "/test%24file.text",
      query: {},
      headers: {
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
      },
      bodySha256:
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    }),
  ).toBe("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
});

test("queries are signed as in the documentation", () => {
  expect(
    signatureOf({
      method: "GET",
      path: "/",
      query: { lifecycle: "" },
      headers: {},
      bodySha256: empty,
    }),
  ).toBe("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  expect(
    signatureOf({
      method: "GET",
      path: "/",
      query: { prefix: "J", "max-keys": "2" },
      headers: {},
      bodySha256: empty,
    }),
  ).toBe("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
});

test("a query has one spelling", () => {
  expect(encodeQuery({ b: "a b/*'", a: "ä" })).toBe(
    "a=%C3%A4&b=a%20b%2F%2A%27",
  );
});
