import {
  Code,
  ConnectError,
  createContextKey,
  type Interceptor,
} from "@connectrpc/connect";
import { type Message } from "@bufbuild/protobuf";
import { type CallRecorder, type RecordingCallLog } from "./call-log.js";
import { callSubjects } from "./call-subjects.js";
import { type ActiveFaults } from "./faults.js";
import { isMethodName } from "./method-name.js";

/** The connection that a call came in on. */
export interface CallConnection {
  readonly protocol: "grpc" | "grpcWeb";
  disconnect(): void;
}

/** Where the servers leave the connection for the interceptor. */
export const callConnectionKey = createContextKey<CallConnection | undefined>(
  undefined,
);

/** Records every call and lets faults hit it: unary calls and subscriptions alike. */
export function createCallInterceptor(
  calls: RecordingCallLog,
  faults: ActiveFaults,
): Interceptor {
  return (next) => async (request) => {
    const { name } = request.method;
    const connection = request.contextValues.get(callConnectionKey);
    if (!isMethodName(name) || connection === undefined)
      throw new ConnectError(`${name} is not known`, Code.Unimplemented);

    const [message, messages] = request.stream
      ? await takeFirst(request.message)
      : [request.message];
    const recorder = calls.begin({
      method: name,
      protocol: connection.protocol,
      ...callSubjects(message),
    });
    const suffer = (at: "request" | "reply"): Promise<void> =>
      faults.suffer({
        call: recorder.call,
        at,
        signal: request.signal,
        disconnect: () => connection.disconnect(),
      });
    try {
      await suffer("request");
      if (request.stream) {
        const response = await next({
          ...request,
          message: messages ?? request.message,
        });
        if (!response.stream) return response;
        return {
          ...response,
          message: recordDelivery(response.message, recorder, suffer),
        };
      }
      const response = await next(request);
      await suffer("reply");
      recorder.ended(undefined);
      return response;
    } catch (error) {
      recorder.ended(ConnectError.from(error).code);
      throw error;
    }
  };
}

async function* recordDelivery<T>(
  messages: AsyncIterable<T>,
  recorder: CallRecorder,
  suffer: (at: "reply") => Promise<void>,
): AsyncIterable<T> {
  let code: Code | undefined = Code.Canceled;
  try {
    for await (const message of messages) {
      await suffer("reply");
      // Before it is handed on: a generator does not resume when its reader goes away.
      recorder.delivered();
      yield message;
    }
    code = undefined;
  } catch (error) {
    code = ConnectError.from(error).code;
    throw error;
  } finally {
    recorder.ended(code);
  }
}

/** The first message of a call that must have one, and all of them. */
async function takeFirst<T extends Message>(
  messages: AsyncIterable<T>,
): Promise<[T, AsyncIterable<T>]> {
  const iterator = messages[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true)
    throw new ConnectError("request is missing", Code.Unimplemented);
  return [
    first.value,
    (async function* () {
      yield first.value;
      for (;;) {
        const following = await iterator.next();
        if (following.done === true) return;
        yield following.value;
      }
    })(),
  ];
}
