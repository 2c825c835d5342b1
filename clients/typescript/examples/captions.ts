// Captions of a WAV file (16 kHz, mono, 16 bits): node dist/examples/captions.js localhost:50051 talk.wav en es ca

import { createReadStream } from "node:fs";
import { Client } from "../src/index.js";

const [address = "localhost:50051", path = "/dev/stdin", source = "en", ...targets] = process.argv.slice(2);
const HEADER_BYTES = 44;

/** The samples after the header that most writers write. */
async function* samples(): AsyncGenerator<Uint8Array> {
  let header = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (header.length === HEADER_BYTES) {
      yield chunk;
      continue;
    }
    const joined = Buffer.concat([header, chunk]);
    header = joined.subarray(0, HEADER_BYTES);
    if (header.length < HEADER_BYTES) continue;
    if (header.readUInt32LE(24) !== 16_000 || header.readUInt16LE(22) !== 1 || header.readUInt16LE(34) !== 16) {
      throw new Error(`${path} is not a WAV file of 16 kHz, mono, 16 bits`);
    }
    yield joined.subarray(HEADER_BYTES);
  }
}

const onBreak = (error: Error): void => console.error(`going on after: ${error.message}`);
for await (const { event } of new Client(address).translate(samples(), { source, targets, onBreak })) {
  if (event?.$case !== "transcript" && event?.$case !== "translation") continue;
  const { revision } = event.value;
  if (revision?.isFinal && revision.committedText) {
    console.log(`${revision.segmentId} ${revision.languageCode} ${revision.committedText}`);
  }
}
process.exit(); // else an attempt to connect to a machine that is gone holds it up until the system gives it up
