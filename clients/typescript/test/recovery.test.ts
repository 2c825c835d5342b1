import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "@grpc/grpc-js";
import { TranslateError } from "../src/errors.js";
import { type ConnectionOptions, Recovery, canHeal } from "../src/recovery.js";

const OPEN = { isOpen: true, canResume: true };
const UNOPENED = { isOpen: false, canResume: false };
const away = new TranslateError(status.UNAVAILABLE, "away");
const full = new TranslateError(status.RESOURCE_EXHAUSTED, "full", "TOO_MANY_SESSIONS", 3_000);

/** A recovery with a clock of its own, which draws the longest pauses. */
function recovery(addressCount: number, options: ConnectionOptions = {}) {
  const clock = { ms: 0 };
  return { clock, it: new Recovery(addressCount, options, () => clock.ms, () => 1) };
}

test("the first attempt comes at once, later ones after pauses that double up to a second", () => {
  const { it } = recovery(1);
  const delays = Array.from({ length: 7 }, () => it.noteFailure(away, OPEN));
  assert.deepEqual(delays, [0, 100, 200, 400, 800, 1_000, 1_000]);
});

test("patience ends, counted from the break", () => {
  const { clock, it } = recovery(1, { reconnectMs: 5_000 });
  it.noteFailure(away, OPEN);
  clock.ms = 5_001;
  assert.throws(() => it.noteFailure(away, OPEN), away);
});

test("a stream that held for a while has been repaired: the next break begins anew", () => {
  const { clock, it } = recovery(1, { reconnectMs: 5_000 });
  it.noteFailure(away, OPEN);
  it.noteWorking();
  clock.ms = 60_000;
  assert.equal(it.noteFailure(away, OPEN), 0);
});

test("a stream that breaks again at once does not begin anew", () => {
  const { it } = recovery(1);
  it.noteFailure(away, OPEN);
  it.noteWorking();
  assert.equal(it.noteFailure(away, OPEN), 100);
});

test("without patience, or without a token, a break is raised", () => {
  assert.throws(() => recovery(1, { reconnectMs: 0 }).it.noteFailure(away, OPEN), away);
  assert.throws(() => recovery(1).it.noteFailure(away, { isOpen: true, canResume: false }), away);
});

test("what was never open is tried once at each address", () => {
  const { it } = recovery(2);
  assert.equal(it.noteFailure(away, UNOPENED), 0);
  assert.throws(() => it.noteFailure(away, UNOPENED), away);
});

test("a refusal is raised where nobody told to wait", () => {
  assert.throws(() => recovery(1).it.noteFailure(full, UNOPENED), full);
});

test("where told to wait, it asks again when the server says, as long as there is time", () => {
  const { clock, it } = recovery(1, { admissionMs: 5_000 });
  assert.equal(it.noteFailure(full, UNOPENED), 3_000);
  clock.ms = 3_000;
  assert.throws(() => it.noteFailure(full, UNOPENED), full);
});

test("each break that is gone on after is told with its reason", () => {
  const told: TranslateError[] = [];
  const { it } = recovery(1, { onBreak: (error) => told.push(error) });
  it.noteFailure(away, OPEN);
  assert.deepEqual(told, [away]);
});

test("errors of the caller stop; those of the connection do not", () => {
  const heals = (code: status, reason = "") => canHeal(new TranslateError(code, "", reason));
  assert.equal(heals(status.INVALID_ARGUMENT), false);
  assert.equal(heals(status.ABORTED, "SESSION_TAKEN_OVER"), false);
  assert.equal(heals(status.DEADLINE_EXCEEDED, "CLIENT_STALLED"), false);
  assert.equal(heals(status.INTERNAL, "BUG"), false);
  assert.equal(heals(status.INTERNAL), true);
  assert.equal(heals(status.UNAVAILABLE, "DRAINING"), true);
});
