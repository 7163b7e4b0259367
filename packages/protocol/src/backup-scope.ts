import { create } from "@bufbuild/protobuf";
import { ProtocolError } from "./errors.js";
import {
  type BackupScope as Wire,
  BackupScopeSchema,
} from "./gen/xip31/v1/xip31_pb.js";

/** What part of the history is asked for. */
export interface BackupScope {
  /** Messages sent at or after this time. */
  startNs?: bigint;
  /** Messages sent before this time. */
  endNs?: bigint;
  /** `messages`: conversations and their messages; `consent`: which of them the person allowed or denied. */
  elements: readonly BackupElement[];
}

/** A part of the history that can be asked for by itself. */
export type BackupElement = "messages" | "consent";

/** Everything: all messages of all times, and consent. */
export const wholeHistory: BackupScope = { elements: ["messages", "consent"] };

/** The wire form of a scope. */
export function encodeBackupScope(scope: BackupScope): Wire {
  return create(BackupScopeSchema, {
    startNs: scope.startNs ?? 0n,
    endNs: scope.endNs ?? 0n,
    messages: scope.elements.includes("messages"),
    consent: scope.elements.includes("consent"),
  });
}

/** @throws {ProtocolError} `invalidField` when it asks for nothing or its times are not in order */
export function parseBackupScope(wire: Wire, path: string): BackupScope {
  const { startNs, endNs, messages, consent } = wire;
  if (startNs < 0n || endNs < 0n)
    throw new ProtocolError("invalidField", `${path}: not a time`);
  if (endNs !== 0n && endNs <= startNs)
    throw new ProtocolError("invalidField", `${path}: ends before it starts`);
  const elements: BackupElement[] = [
    ...(messages ? (["messages"] as const) : []),
    ...(consent ? (["consent"] as const) : []),
  ];
  if (elements.length === 0)
    throw new ProtocolError("invalidField", `${path}: asks for nothing`);
  return {
    ...(startNs === 0n ? {} : { startNs }),
    ...(endNs === 0n ? {} : { endNs }),
    elements,
  };
}
