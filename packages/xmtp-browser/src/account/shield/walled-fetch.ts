import {
  judgeCall,
  maxJudgedBytes,
  type Reach,
} from "@carryover/xmtp-shared/network-rules";

import {
  answerWithoutNetwork,
  type KnownAccount,
} from "@carryover/xmtp-shared/known-account";

type Fetch = typeof fetch;

/** Whatever it is: the file that the library is, and no call of the network. */
const isLibrary = (url: URL, method: string) =>
  method === "GET" && url.pathname.endsWith(".wasm");

/** Not one call goes through. */
export interface OfflineReach {
  kind: "offline";
  /** Of whom the library is told what its file says. */
  account?: KnownAccount;
}

/**
 * The wall for a library that speaks gRPC-web by `fetch`: it reads everything, and writes what `reach` allows.
 */
export function createWalledFetch(
  reach: Reach | OfflineReach,
  { passOn, base }: { passOn: Fetch; base: string },
): Fetch {
  return async (input, init) => {
    const given = input instanceof Request ? input : undefined;
    const url = new URL(input instanceof Request ? input.url : input, base);
    const method = init?.method ?? given?.method ?? "GET";
    if (isLibrary(url, method.toUpperCase())) return await passOn(input, init);
    if ("kind" in reach) {
      const known =
        reach.account && answerWithoutNetwork(pathOf(url), reach.account);
      return known === undefined
        ? answer(status.permissionDenied)
        : answer(status.ok, known);
    }
    // From here on it is one object, whose body is read at most twice.
    const call = new Request(given ?? url, init);
    const verdict = await judgeCall(pathOf(url), reach, () =>
      readWhole(call.clone()),
    );
    switch (verdict.kind) {
      case "pass":
        return await passOn(call);
      case "swallow":
        return answer(status.ok);
      case "refuse":
        return answer(status.permissionDenied);
    }
  };
}

/** A node may be behind a path of its own: what counts are the service and the method. */
const pathOf = ({ pathname }: URL) =>
  `/${pathname.split("/").slice(-2).join("/")}`;

async function readWhole(call: Request): Promise<Uint8Array | undefined> {
  const body = new Uint8Array(await call.arrayBuffer());
  return body.length > maxJudgedBytes ? undefined : body;
}

const status = { ok: "0", permissionDenied: "7" } as const;

/** The message where it is a success, and the trailers in a frame of their own, as gRPC-web has them. */
function answer(
  code: (typeof status)[keyof typeof status],
  message: Uint8Array = new Uint8Array(0),
): Response {
  const trailers = new TextEncoder().encode(
    code === status.ok
      ? `grpc-status:${code}\r\n`
      : `grpc-status:${code}\r\ngrpc-message:writing is switched off\r\n`,
  );
  const framed = code === status.ok ? frame(0x00, message) : [];
  return new Response(new Uint8Array([...framed, ...frame(0x80, trailers)]), {
    status: 200,
    headers: { "content-type": "application/grpc-web+proto" },
  });
}

function frame(flags: number, content: Uint8Array): Uint8Array {
  const framed = new Uint8Array(5 + content.length);
  framed[0] = flags;
  new DataView(framed.buffer).setUint32(1, content.length);
  framed.set(content, 5);
  return framed;
}
