// What the soak runs share: a provider in a process of its own, and a client that streams.
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Starts the built program on a free port. */
export async function startServer(env) {
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH,
      CARRYOVER_STORAGE_AUTHORIZATION: "open",
      CARRYOVER_STORAGE_PORT: "0",
      CARRYOVER_STORAGE_LOG: "off",
      CARRYOVER_STORAGE_UPLOADS_PER_HOUR: "1000000000",
      CARRYOVER_STORAGE_AUTHORIZATION_CALLS_PER_HOUR: "1000000000",
      CARRYOVER_STORAGE_CONCURRENT_UPLOADS: "100000",
      CARRYOVER_STORAGE_CONCURRENT_DOWNLOADS: "100000",
      CARRYOVER_STORAGE_CONCURRENT_TRANSFERS: "100000",
      ...env,
    },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let err = "";
  const url = await new Promise((resolve, reject) => {
    child.stderr.on("data", (chunk) => {
      err += chunk;
      const match = /listening on (\S+)/.exec(err);
      if (match) resolve(match[1]);
    });
    child.once("exit", (code) =>
      reject(new Error(`ended with ${code}: ${err}`)),
    );
  });
  return {
    url,
    pid: child.pid,
    residentBytes: () =>
      Number(
        /VmRSS:\s+(\d+)/.exec(
          readFileSync(`/proc/${child.pid}/status`, "utf8"),
        )[1],
      ) * 1024,
    async kill(signal) {
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

/** One request; `body` is a buffer or an async iterable. Rejects when the connection breaks. */
export function call(method, url, { headers = {}, body, agent, consume } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => {
        if (consume) consume(chunk);
        else chunks.push(chunk);
      });
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode,
          headers: response.headers,
          bytes,
        });
      });
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
    else pump(body, outgoing).catch(reject);
  });
}

async function pump(source, sink) {
  for await (const chunk of source) {
    if (!sink.write(chunk)) await once(sink, "drain");
  }
  sink.end();
}

const boundary = "soak-b0undary";
const head = Buffer.from(
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n`,
);
const tail = Buffer.from(`\r\n--${boundary}--\r\n`);

/** Uploads bytes, or what an async generator gives, as one file. */
export function upload(uploadUrl, content, options = {}) {
  const headers = {
    "content-type": `multipart/form-data; boundary=${boundary}`,
  };
  const body = Buffer.isBuffer(content)
    ? Buffer.concat([head, content, tail])
    : (async function* () {
        yield head;
        yield* content;
        yield tail;
      })();
  return call("POST", uploadUrl, { ...options, headers, body });
}

export async function authorize(url, options = {}) {
  const answer = await call("POST", `${url}/authorizations`, options);
  if (answer.status !== 201)
    throw new Error(`authorizations: ${answer.status}`);
  return JSON.parse(answer.bytes);
}

export const sha256 = (bytes) =>
  createHash("sha256").update(bytes).digest("hex");
export const keepAlive = (maxSockets) =>
  new Agent({ keepAlive: true, maxSockets });
export const random = (from, to) =>
  from + (randomBytes(4).readUInt32BE() % (to - from));
export const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

export function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}
