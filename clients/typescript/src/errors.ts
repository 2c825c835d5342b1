// The one error of the package, and how it is read from a failed call.

import { status, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { msOf } from "./clock.js";
import { Duration } from "./gen/google/protobuf/duration.js";

/** The server refused a call, ended it, or could not be reached. */
export class TranslateError extends Error {
  override readonly name = "TranslateError";

  constructor(
    /** The gRPC status code: whose fault it was, and whether trying again can help. */
    readonly code: status,
    message: string,
    /** What exactly happened, for programs, e.g. "LANGUAGE_NOT_SUPPORTED"; empty where the server gave none. */
    readonly reason = "",
    /** When to try again, if the server said so; 0 otherwise. */
    readonly retryDelayMs = 0,
  ) {
    super(message || status[code]);
  }

  /** Reads a failed call's status and what the server said of it; anything else is returned as it is. */
  static from(error: unknown): unknown {
    if (!isServiceError(error)) return error;
    const details = detailsOf(error.metadata);
    return new TranslateError(error.code, error.details, details.reason, details.retryDelayMs);
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "details" in error;
}

function detailsOf(metadata: Metadata | undefined): { reason: string; retryDelayMs: number } {
  const details = { reason: "", retryDelayMs: 0 };
  const [packed] = metadata?.get("grpc-status-details-bin") ?? [];
  if (!(packed instanceof Uint8Array)) return details;
  try {
    for (const detail of fields(packed, 3)) {
      const type = text(first(detail, 1));
      const content = first(first(detail, 2), 1); // of each of them the first field counts
      if (type.endsWith("/google.rpc.ErrorInfo")) details.reason = text(content);
      if (type.endsWith("/google.rpc.RetryInfo")) details.retryDelayMs = msOf(Duration.decode(content));
    }
  } catch {
    return details; // a proxy on the way may write anything there; the status itself still counts
  }
  return details;
}

function text(utf8: Uint8Array): string {
  return new TextDecoder().decode(utf8);
}

function first(message: Uint8Array, number: number): Uint8Array {
  return fields(message, number)[0] ?? new Uint8Array();
}

/** The values of one field of a serialized message, which are strings, bytes or messages. */
function fields(message: Uint8Array, number: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const values: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === number) values.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return values;
}
