// One live session: audio goes in at any time, events come out, however often the connection breaks.

import { setTimeout as sleep } from "node:timers/promises";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { type Addresses, limitConnecting } from "./connection.js";
import { TranslateError } from "./errors.js";
import type {
  SessionEvent,
  StreamingTranslateSpeechRequest,
  StreamingTranslateSpeechResponse,
} from "./gen/livetranslate/v1/gateway.js";
import type { Recovery } from "./recovery.js";
import type { Replay } from "./replay.js";

type Call = ClientDuplexStream<StreamingTranslateSpeechRequest, StreamingTranslateSpeechResponse>;

/**
 * A session under way: send with the methods, receive with `for await`, both at the same time.
 *
 * It connects when it is first iterated. When the connection breaks, the iteration gets another one, to the next
 * address, and goes on where it was: what the server lacks is sent again, and no final comes twice. Leaving the loop
 * breaks off a session that is not over.
 */
export class Session implements AsyncIterable<SessionEvent> {
  readonly #addresses: Addresses;
  readonly #replay: Replay;
  readonly #recovery: Recovery;
  readonly #cancelled = new AbortController();
  #call: Call | undefined;
  #isOver = false;
  #waiting: (() => void)[] = [];

  /** Made by `Client.openSession`. */
  constructor(addresses: Addresses, replay: Replay, recovery: Recovery) {
    this.#addresses = addresses;
    this.#replay = replay;
    this.#recovery = recovery;
  }

  /** The session's id; empty until `sessionStarted` has come. */
  get sessionId(): string {
    return this.#replay.sessionId;
  }

  /** Whether it has ended, well or not: nothing more can be sent. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Sends audio that follows what was sent before.
   *
   * It is kept until the server has stored what was said in it, and sent as fast as the server takes it, also after a
   * break. Once 35 minutes are kept, the promise waits until there are less.
   */
  async sendAudio(audio: Uint8Array): Promise<void> {
    if (this.#isOver) throw new Error("the session is over");
    this.#replay.addAudio(audio);
    this.#pump();
    while (this.#replay.isFull && !this.#isOver) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Says that no more audio comes. What is under way becomes final, and the summary ends the session. */
  finish(): void {
    this.#replay.isFinished = true;
    this.#pump();
  }

  /** Ends the session at once; what was final is stored. */
  cancel(): void {
    this.#cancelled.abort();
    this.#call?.cancel();
  }

  /** Yields what happens, until the summary. Throws a `TranslateError` where the session fails for good. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SessionEvent, void, undefined> {
    try {
      while (!this.#cancelled.signal.aborted) {
        const address = this.#addresses.current;
        try {
          yield* this.#stream();
          return;
        } catch (raised) {
          if (this.#replay.isOver || this.#cancelled.signal.aborted) return;
          await this.#pause(TranslateError.from(raised));
          this.#addresses.moveOn(address);
        }
      }
    } finally {
      this.#isOver = true;
      this.#wake();
    }
  }

  /** Yields what one connection brings. */
  async *#stream(): AsyncGenerator<SessionEvent, void, undefined> {
    const connection = this.#addresses.connect();
    const call = connection.streamingTranslateSpeech();
    const timer = limitConnecting(connection, call);
    call.on("error", () => undefined); // whoever iterates gets it; one that comes after the loop concerns nobody
    call.on("drain", () => this.#pump());
    try {
      call.write(this.#replay.restart());
      this.#call = call;
      this.#pump();
      for await (const { event } of call as AsyncIterable<StreamingTranslateSpeechResponse>) {
        this.#recovery.noteWorking();
        if (event === undefined) continue;
        const isNews = this.#replay.noteEvent(event);
        this.#wake();
        if (isNews) yield event;
      }
    } finally {
      this.#call = undefined;
      clearTimeout(timer);
      call.cancel();
      connection.close();
    }
  }

  async #pause(error: unknown): Promise<void> {
    if (!(error instanceof TranslateError)) throw error;
    const { hasStarted: isOpen, canResume } = this.#replay;
    const delayMs = this.#recovery.noteFailure(error, { isOpen, canResume });
    await sleep(delayMs, undefined, { signal: this.#cancelled.signal }).catch(() => undefined);
  }

  /** Sends what there is to send, as long as it is taken. */
  #pump(): void {
    const call = this.#call;
    if (call === undefined || call.writableEnded || call.destroyed) return;
    while (!call.writableNeedDrain) {
      const audio = this.#replay.nextAudio();
      if (audio === undefined) break;
      call.write({ streamingRequest: { $case: "audio", value: audio } });
    }
    if (this.#replay.isDrained) call.end();
  }

  /** Wakes whoever waits for room. */
  #wake(): void {
    if (this.#replay.isFull && !this.#isOver) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
