import assert from "node:assert/strict";
import { test } from "node:test";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Metadata, status } from "@grpc/grpc-js";
import { TranslateError } from "../src/errors.js";

const LENGTH_DELIMITED = 2;

function message(...fields: [number, Uint8Array][]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, content] of fields) writer.tag(number, LENGTH_DELIMITED).bytes(content);
  return writer.finish();
}

function failed(details: Uint8Array): unknown {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(details));
  return TranslateError.from(
    Object.assign(new Error(), { code: status.RESOURCE_EXHAUSTED, details: "full", metadata }),
  );
}

test("reason and delay are read from the status", () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const info = message([1, utf8("TOO_MANY_SESSIONS")], [2, utf8("livetranslate")]);
  const delay = new BinaryWriter().tag(1, 0).int64(2).tag(2, 0).int32(500_000_000).finish();
  const error = failed(
    message(
      [3, message([1, utf8("type.googleapis.com/google.rpc.ErrorInfo")], [2, info])],
      [3, message([1, utf8("type.googleapis.com/google.rpc.RetryInfo")], [2, message([1, delay])])],
    ),
  );
  assert.ok(error instanceof TranslateError);
  assert.deepEqual(
    [error.code, error.message, error.reason, error.retryDelayMs],
    [status.RESOURCE_EXHAUSTED, "full", "TOO_MANY_SESSIONS", 2_500],
  );
});

test("details that are none are passed over; the status still counts", () => {
  const error = failed(new Uint8Array([255, 255, 255]));
  assert.ok(error instanceof TranslateError);
  assert.deepEqual([error.code, error.reason], [status.RESOURCE_EXHAUSTED, ""]);
});

test("errors that are not gRPC's stay as they are", () => {
  const error = new TypeError("no");
  assert.equal(TranslateError.from(error), error);
});
