import { Code } from "@connectrpc/connect";

const codes = {
  canceled: Code.Canceled,
  unknown: Code.Unknown,
  invalidArgument: Code.InvalidArgument,
  deadlineExceeded: Code.DeadlineExceeded,
  notFound: Code.NotFound,
  alreadyExists: Code.AlreadyExists,
  permissionDenied: Code.PermissionDenied,
  resourceExhausted: Code.ResourceExhausted,
  failedPrecondition: Code.FailedPrecondition,
  aborted: Code.Aborted,
  outOfRange: Code.OutOfRange,
  unimplemented: Code.Unimplemented,
  internal: Code.Internal,
  unavailable: Code.Unavailable,
  dataLoss: Code.DataLoss,
  unauthenticated: Code.Unauthenticated,
} as const;

/** The status codes of gRPC, but for OK. */
export type GrpcCode = keyof typeof codes;

const names = new Map(
  Object.entries(codes).map(([name, code]) => [code, name as GrpcCode]),
);

/** The number that goes over the wire. */
export function grpcCodeNumber(name: GrpcCode): Code {
  return codes[name];
}

/** The name of a number that came over the wire. */
export function grpcCodeName(code: Code): GrpcCode {
  return names.get(code) ?? "unknown";
}
