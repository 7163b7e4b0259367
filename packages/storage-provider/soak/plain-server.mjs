// What the service is measured against: node:http, streams a body to disk and hashes it, and serves it again.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, stat, unlink } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const [directory, durable] = process.argv.slice(2);
createServer(async (request, response) => {
  if (request.method === "POST") {
    const name = randomUUID();
    const path = join(directory, name);
    const hash = createHash("sha256");
    request.on("data", (chunk) => hash.update(chunk));
    await pipeline(request, createWriteStream(path));
    if (durable === "fsync") {
      const handle = await open(path, "r+");
      await handle.sync();
      await handle.close();
    }
    response
      .writeHead(201)
      .end(JSON.stringify({ name, sha256: hash.digest("hex") }));
  } else if (request.method === "DELETE") {
    await unlink(join(directory, request.url.slice(1)));
    response.writeHead(204).end();
  } else {
    const path = join(directory, request.url.slice(1));
    const { size } = await stat(path);
    response.writeHead(200, { "content-length": size });
    createReadStream(path).pipe(response);
  }
}).listen(0, "127.0.0.1", function () {
  process.stderr.write(
    `listening on http://127.0.0.1:${this.address().port}\n`,
  );
});
