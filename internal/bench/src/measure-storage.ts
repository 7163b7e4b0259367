import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(
  new URL(
    "../../../packages/storage-provider/soak/throughput.mjs",
    import.meta.url,
  ),
);

/** What the storage service's own measurement beside a plain server says, line by line. */
export async function measureStorage(
  rounds: number,
  tell: (line: string) => void,
): Promise<string[]> {
  if (rounds === 0) return [];
  tell("the storage service beside a plain server");
  const child = spawn(process.execPath, [program, String(rounds)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`throughput.mjs ended with ${code}`);
  return text.split("\n").filter((line) => line !== "");
}
