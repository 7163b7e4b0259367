import type {
  ImportReport,
  InboundRequest,
  OutboundRequest,
  Progress,
  ResponseReport,
} from "@carryover/xmtp-node";
import { appName, type Device, type World } from "./world.js";

type RequestOptions = Parameters<
  Device["carryover"]["requestRemoteMessageHistoryBackup"]
>[0];

/** What both sides saw of one move. */
export interface Move {
  request: OutboundRequest;
  inbound: InboundRequest;
  response: ResponseReport;
  report: ImportReport;
  providerProgress: Progress[];
  requesterProgress: Progress[];
}

/** Asks, and gives the requests that were made. */
export function ask(
  world: World,
  { carryover }: Device,
  options: Partial<RequestOptions> = {},
): Promise<OutboundRequest[]> {
  return carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl: world.storage.url,
    appName,
    ...options,
  });
}

/** Asks where there is one installation to ask. */
export async function askOne(
  world: World,
  device: Device,
  options: Partial<RequestOptions> = {},
): Promise<OutboundRequest> {
  const [request, ...others] = await ask(world, device, options);
  if (request === undefined || others.length > 0)
    throw new Error("not one installation was asked");
  return request;
}

/** What an installation shows of a request that came to it. */
export async function inboundOf(
  { carryover }: Device,
  requestId: string,
): Promise<InboundRequest> {
  const { inboundRequests } = await carryover.sync();
  const inbound = inboundRequests.find(
    (candidate) => candidate.requestId === requestId,
  );
  if (inbound === undefined) throw new Error("the request did not arrive");
  return inbound;
}

/** The whole of it: the new installation asks, the old one says yes, the new one applies. */
export async function moveHistory(
  world: World,
  old: Device,
  fresh: Device,
  options: Partial<RequestOptions> = {},
): Promise<Move> {
  const providerProgress: Progress[] = [];
  const requesterProgress: Progress[] = [];
  const request = await askOne(world, fresh, options);
  const inbound = await inboundOf(old, request.requestId);
  const response = await old.carryover.respondToBackupRequest(
    request.requestId,
    "approve",
    { onProgress: (progress) => providerProgress.push(progress) },
  );
  await fresh.carryover.sync();
  const report = await fresh.carryover.applyRemoteMessageHistoryBackup(
    request.requestId,
    { onProgress: (progress) => requesterProgress.push(progress) },
  );
  return {
    request,
    inbound,
    response,
    report,
    providerProgress,
    requesterProgress,
  };
}
