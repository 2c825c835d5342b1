import assert from "node:assert/strict";
import { test } from "node:test";
import { Given } from "../src/given.js";
import { checkpoint, speech, transcript, translation } from "./events.js";

const FIRST = "000000000100";
const SECOND = "000000000900";

test("a final is given once by segment and language, and no draft after it", () => {
  const given = new Given();
  for (const event of [transcript(FIRST, true), translation(FIRST, "es", true)]) {
    assert.equal(given.admit(event), true);
    assert.equal(given.admit(event), false);
  }
  assert.equal(given.admit(translation(FIRST, "es", false)), false);
  assert.equal(given.admit(translation(FIRST, "ca", true)), true);
  assert.equal(given.admit(transcript(SECOND, true)), true);
});

test("partials and what is no text are given as they come", () => {
  const given = new Given();
  for (const event of [transcript(FIRST, false), transcript(FIRST, false), checkpoint(1), checkpoint(1)]) {
    assert.equal(given.admit(event), true);
  }
});

test("a clause of speech is given once, to its last chunk", () => {
  const given = new Given();
  assert.deepEqual([speech(FIRST, 0, false), speech(FIRST, 0, true)].map((event) => given.admit(event)), [true, true]);
  assert.equal(given.admit(speech(FIRST, 0, false)), false);
  assert.equal(given.admit(speech(FIRST, 1, false)), true);
});

test("texts before the watermark count as given; speech of them may still come", () => {
  const given = new Given();
  given.admit(transcript(FIRST, true));
  given.forgetBefore(500);
  assert.equal(given.admit(transcript(FIRST, true)), false);
  assert.equal(given.admit(speech(FIRST, 0, true)), true);
  assert.equal(given.admit(transcript(SECOND, true)), true);
});
