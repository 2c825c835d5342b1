// What a session has sent and may have to send again. It decides; it neither connects nor waits.

import { duration, samplesOf } from "./clock.js";
import { Given } from "./given.js";
import type {
  Checkpoint,
  SessionConfig,
  SessionEvent,
  SessionStarted,
  StreamingTranslateSpeechRequest,
} from "./gen/livetranslate/v1/gateway.js";

/** 35 minutes: the watermark is never so far behind, unless the server's database is away all the while. */
const LIMIT_BYTES = 64 * 1024 * 1024;
/** Two seconds: far below the server's limit of 1 MiB. */
const MESSAGE_BYTES = 64 * 1024;
const SAMPLE_BYTES = 2;
/** What a chunk takes beside its audio: small ones are bounded, too. */
const CHUNK_BYTES = 256;

/** Audio that follows what came before; it begins with a whole sample. */
interface Chunk {
  startByte: number;
  audio: Uint8Array;
}

/** Keeps the audio after the watermark, and knows what the caller has. */
export class Replay {
  sessionId = "";
  resumeToken = "";
  /** Whether the server has answered. */
  hasStarted = false;
  /** Whether the summary came. */
  isOver = false;
  /** Whether the caller has nothing more to send. */
  isFinished = false;

  readonly #config: SessionConfig;
  readonly #limitBytes: number;
  readonly #given = new Given();
  #chunks: Chunk[] = [];
  #sentChunks = 0; // how many of them this stream has been sent
  #saidBytes = 0; // all that the caller has ever sent
  #half: Uint8Array = new Uint8Array(); // the first byte of a sample whose second is still to come
  #watermark = 0;
  #storedNumber = 0;
  #receivedNumber = 0;

  constructor(config: SessionConfig, limitBytes = LIMIT_BYTES) {
    this.#config = config;
    this.#limitBytes = limitBytes;
  }

  /** Takes audio that follows what came before. */
  addAudio(audio: Uint8Array): void {
    if (this.isFinished) throw new Error("finish() was called: nothing more can be sent");
    const joined = Buffer.concat([this.#half, audio]);
    const wholeBytes = joined.length - (joined.length % SAMPLE_BYTES);
    this.#half = joined.subarray(wholeBytes);
    for (let start = 0; start < wholeBytes; start += MESSAGE_BYTES) {
      const piece = joined.subarray(start, Math.min(start + MESSAGE_BYTES, wholeBytes));
      this.#chunks.push({ startByte: this.#saidBytes, audio: piece });
      this.#saidBytes += piece.length;
    }
  }

  /** Opens a stream: returns its first message; `nextAudio` then begins with what the server needs. */
  restart(): StreamingTranslateSpeechRequest {
    this.#sentChunks = 0;
    if (!this.canResume) return { streamingRequest: { $case: "config", value: this.#config } };
    this.#receivedNumber = this.#lastEventNumber; // what came after it comes again
    const resume = {
      sessionId: this.sessionId,
      resumeToken: this.resumeToken,
      lastEventNumber: this.#lastEventNumber,
      audioFormat: this.#config.audioFormat,
      audioOffset: duration(this.#firstByte / SAMPLE_BYTES),
      targets: undefined, // they never change
    };
    return { streamingRequest: { $case: "resume", value: resume } };
  }

  /** The next audio for this stream; undefined while there is none. */
  nextAudio(): Uint8Array | undefined {
    const chunk = this.#chunks[this.#sentChunks];
    if (chunk !== undefined) this.#sentChunks += 1;
    return chunk?.audio;
  }

  /** Takes an event in; returns whether the caller is to have it. */
  noteEvent(event: SessionEvent): boolean {
    this.#receivedNumber = Math.max(this.#receivedNumber, event.eventNumber);
    switch (event.event?.$case) {
      case "sessionStarted":
        return this.#noteStarted(event.event.value);
      case "checkpoint":
        return this.#noteCheckpoint(event.event.value);
      case "summary":
        this.isOver = true;
    }
    return this.#given.admit(event);
  }

  /** Whether the session can go on over another stream. */
  get canResume(): boolean {
    return this.resumeToken !== "";
  }

  /** Whether this stream has been sent everything, and nothing more comes. */
  get isDrained(): boolean {
    return this.isFinished && this.#sentChunks === this.#chunks.length;
  }

  /** Whether so much is kept that more has to wait for the watermark. */
  get isFull(): boolean {
    return this.#saidBytes - this.#firstByte + this.#chunks.length * CHUNK_BYTES >= this.#limitBytes;
  }

  /** The last event that the caller has and that is stored; numbers after it may be given anew. */
  get #lastEventNumber(): number {
    return Math.min(this.#storedNumber, this.#receivedNumber);
  }

  get #firstByte(): number {
    return this.#chunks[0]?.startByte ?? this.#saidBytes;
  }

  #noteStarted(started: SessionStarted): boolean {
    const isFirst = !this.hasStarted;
    this.hasStarted = true;
    this.sessionId = started.sessionId;
    this.resumeToken = started.resumeToken || this.resumeToken;
    return isFirst;
  }

  #noteCheckpoint(checkpoint: Checkpoint): boolean {
    const watermark = samplesOf(checkpoint.durableOffset);
    if (watermark < this.#watermark) return false;
    this.#watermark = watermark;
    this.#storedNumber = Math.max(this.#storedNumber, checkpoint.lastEventNumber);
    if (this.#receivedNumber >= checkpoint.lastEventNumber) this.#given.forgetBefore(watermark);
    this.#forgetBefore(watermark * SAMPLE_BYTES);
    return true;
  }

  #forgetBefore(byte: number): void {
    let count = 0;
    for (const chunk of this.#chunks.slice(0, this.#sentChunks)) {
      if (chunk.startByte + chunk.audio.length > byte) break;
      count += 1;
    }
    this.#chunks.splice(0, count);
    this.#sentChunks -= count;
  }
}
