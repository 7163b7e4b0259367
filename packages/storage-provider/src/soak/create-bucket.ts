import process from "node:process";
import { createS3Client } from "../s3-client.js";

/** Makes the bucket that the tests use. */
export async function setup(): Promise<void> {
  const client = createS3Client({
    endpoint: process.env.S3_ENDPOINT ?? "",
    bucket: process.env.S3_BUCKET ?? "",
    accessKeyId: process.env.S3_ACCESS_KEY_ID ?? "",
    secretAccessKey: process.env.S3_SECRET_ACCESS_KEY ?? "",
    region: "us-east-1",
  });
  await client.put("", new Uint8Array());
  client.close();
}
