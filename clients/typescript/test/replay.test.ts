import assert from "node:assert/strict";
import { test } from "node:test";
import { samplesOf } from "../src/clock.js";
import { sessionConfig } from "../src/options.js";
import { Replay } from "../src/replay.js";
import { checkpoint, started, transcript } from "./events.js";

const CONFIG = sessionConfig({ source: "en", targets: ["es"] });

/** A replay that has sent some chunks of 100 samples. */
function talking(chunkCount: number): Replay {
  const replay = new Replay(CONFIG);
  replay.restart();
  replay.noteEvent(started());
  for (let index = 0; index < chunkCount; index += 1) replay.addAudio(new Uint8Array(200).fill(index));
  sent(replay);
  return replay;
}

/** What the stream is sent now: each chunk's first byte. */
function sent(replay: Replay): (number | undefined)[] {
  const chunks: (number | undefined)[] = [];
  for (let audio = replay.nextAudio(); audio !== undefined; audio = replay.nextAudio()) chunks.push(audio[0]);
  return chunks;
}

function resumption(replay: Replay) {
  const { streamingRequest } = replay.restart();
  assert.equal(streamingRequest?.$case, "resume");
  return streamingRequest.value;
}

test("a session begins with its config, also again while the server has not answered", () => {
  const replay = new Replay(CONFIG);
  replay.addAudio(new Uint8Array([7, 7]));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    assert.equal(replay.restart().streamingRequest?.$case, "config");
    assert.deepEqual(sent(replay), [7]);
  }
});

test("after a break the audio from the watermark on is sent again, beginning with a whole chunk", () => {
  const replay = talking(4);
  replay.noteEvent(checkpoint(250, 0));
  assert.equal(samplesOf(resumption(replay).audioOffset), 200);
  assert.deepEqual(sent(replay), [2, 3]);
});

test("a resume names the last event that was received and is stored", () => {
  const replay = talking(1);
  replay.noteEvent(transcript("000000000000", true, 1));
  replay.noteEvent(checkpoint(50, 1));
  replay.noteEvent(transcript("000000000060", true, 2));
  const { sessionId, resumeToken, lastEventNumber } = resumption(replay);
  assert.deepEqual([sessionId, resumeToken, lastEventNumber], ["session", "token", 1]);
});

test("a stored event that was not received is asked for", () => {
  const replay = talking(1);
  replay.noteEvent(checkpoint(50, 3));
  assert.equal(resumption(replay).lastEventNumber, 0);
});

test("a watermark that goes back is passed over", () => {
  const replay = talking(3);
  assert.equal(replay.noteEvent(checkpoint(200)), true);
  assert.equal(replay.noteEvent(checkpoint(100)), false);
  assert.equal(samplesOf(resumption(replay).audioOffset), 200);
});

test("what was not sent is kept, though the watermark be further", () => {
  const replay = talking(2);
  replay.addAudio(new Uint8Array(200).fill(9));
  replay.noteEvent(checkpoint(400));
  assert.deepEqual(sent(replay), [9]);
});

test("half a sample waits for its other half", () => {
  const replay = new Replay(CONFIG);
  replay.addAudio(new Uint8Array([1, 2, 3]));
  replay.addAudio(new Uint8Array([4]));
  assert.deepEqual([...(replay.nextAudio() ?? [])], [1, 2]);
  assert.deepEqual([...(replay.nextAudio() ?? [])], [3, 4]);
});

test("long audio is cut into messages that the server takes", () => {
  const replay = new Replay(CONFIG);
  replay.addAudio(new Uint8Array(150_000));
  assert.deepEqual([replay.nextAudio(), replay.nextAudio(), replay.nextAudio()].map((audio) => audio?.length), [
    65_536, 65_536, 18_928,
  ]);
});

test("what is kept is limited, small chunks included, and the watermark makes room", () => {
  const replay = new Replay(CONFIG, 600);
  replay.restart();
  for (const isFull of [false, false, true]) {
    replay.addAudio(new Uint8Array(2));
    assert.equal(replay.isFull, isFull);
  }
  sent(replay);
  replay.noteEvent(checkpoint(3));
  assert.equal(replay.isFull, false);
});

test("it is drained when all was sent and nothing more comes", () => {
  const replay = talking(1);
  replay.isFinished = true;
  assert.equal(replay.isDrained, true);
  replay.restart();
  assert.equal(replay.isDrained, false);
  assert.throws(() => replay.addAudio(new Uint8Array(2)), /finish\(\) was called/);
});

test("sessionStarted is given once, and a server without tokens does not resume", () => {
  const replay = new Replay(CONFIG);
  assert.equal(replay.noteEvent(started("")), true);
  assert.equal(replay.canResume, false);
  assert.equal(replay.noteEvent(started()), false);
});
