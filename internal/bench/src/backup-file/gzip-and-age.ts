import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { Decrypter, Encrypter } from "age-encryption";

/** What a file is compressed and encrypted with elsewhere. */
export interface GzipAndAge {
  /** For the report. */
  name: string;
  write(plainPath: string, filePath: string): Promise<void>;
  /** Reads it to its end and keeps nothing. */
  read(filePath: string): Promise<void>;
}

/** What both are told. */
export interface Keys {
  recipient: string;
  identity: string;
  /** zlib's. */
  level: number;
}

/** The `gzip` and `age` tools where both are there; else Node's zlib and age in JavaScript. */
export async function findGzipAndAge(
  keys: Keys,
  directory: string,
): Promise<GzipAndAge> {
  const found = await Promise.all([isThere("gzip"), isThere("age")]);
  return found.every(Boolean)
    ? await createTools(keys, directory)
    : createJavaScript(keys);
}

async function createTools(
  { recipient, identity, level }: Keys,
  directory: string,
): Promise<GzipAndAge> {
  const identityPath = join(directory, "identity");
  await writeFile(identityPath, `${identity}\n`, { mode: 0o600 });
  return {
    name: `gzip -${level} | age`,
    write: (plainPath, filePath) =>
      runPipe(
        ["gzip", `-${level}`, "-c", plainPath],
        ["age", "-r", recipient, "-o", filePath],
      ),
    read: (filePath) =>
      runPipe(
        ["age", "-d", "-i", identityPath, filePath],
        ["gzip", "-d", "-t"],
      ),
  };
}

function createJavaScript({ recipient, identity, level }: Keys): GzipAndAge {
  return {
    name: `Node's zlib at level ${level}, and age-encryption`,
    write: async (plainPath, filePath) => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      const zipped = createReadStream(plainPath).pipe(createGzip({ level }));
      const sealed = await encrypter.encrypt(
        Readable.toWeb(zipped) as ReadableStream<Uint8Array>,
      );
      await pipeline(sealed, createWriteStream(filePath));
    },
    read: async (filePath) => {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      const opened = await decrypter.decrypt(
        Readable.toWeb(
          createReadStream(filePath),
        ) as ReadableStream<Uint8Array>,
      );
      await pipeline(opened, createGunzip(), nowhere());
    },
  };
}

const nowhere = () =>
  new Writable({ write: (_chunk, _encoding, done) => done() });

async function isThere(tool: string): Promise<boolean> {
  const child = spawn(tool, ["--version"], { stdio: "ignore" });
  return await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

type Command = readonly [string, ...string[]];

async function runPipe(from: Command, to: Command): Promise<void> {
  const [first, ...firstArgs] = from;
  const [second, ...secondArgs] = to;
  // A pipe of the system between the two: nothing passes through this process.
  const writer = spawn(first, firstArgs, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const reader = spawn(second, secondArgs, {
    stdio: [writer.stdout, "ignore", "inherit"],
  });
  writer.stdout.destroy();
  await Promise.all([succeeded(writer), succeeded(reader)]);
}

async function succeeded(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}`);
}
