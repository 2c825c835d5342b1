// The client: opens sessions, and watches them.

import type { ChannelCredentials } from "@grpc/grpc-js";
import { Addresses } from "./connection.js";
import type { SessionEvent } from "./gen/livetranslate/v1/gateway.js";
import { type SessionOptions, sessionConfig } from "./options.js";
import { type ConnectionOptions, Recovery } from "./recovery.js";
import { Replay } from "./replay.js";
import { Session } from "./session.js";
import { watch } from "./watching.js";

/** A LiveTranslate server, at one or several addresses. Each session has a connection of its own. */
export class Client {
  readonly #addresses: Addresses;

  /**
   * @param address Where the gateway listens, e.g. "localhost:50051"; several replicas as a list or with commas between
   *   them. After a failure it is the next one's turn.
   * @param credentials For TLS, e.g. `credentials.createSsl()` of @grpc/grpc-js; plaintext without.
   */
  constructor(address: string | string[], credentials?: ChannelCredentials) {
    this.#addresses = new Addresses(address, credentials);
  }

  /** Opens a session whose audio and end are sent by hand, while it is iterated. */
  openSession(options: SessionOptions): Session {
    const recovery = new Recovery(this.#addresses.count, options);
    return new Session(this.#addresses, new Replay(sessionConfig(options)), recovery);
  }

  /** Sends all audio and yields what happens, until the summary. An error of the audio is thrown here. */
  async *translate(
    audio: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: SessionOptions,
  ): AsyncGenerator<SessionEvent, void, undefined> {
    const session = this.openSession(options);
    const failures: unknown[] = [];
    feed(session, audio).catch((failure: unknown) => {
      failures.push(failure);
      session.cancel();
    });
    yield* session; // a source that goes on is not waited for
    if (failures.length > 0) throw failures[0];
  }

  /** Follows a session: the finals after `afterEventNumber`, then live, until it ends. */
  watch(
    sessionId: string,
    options: ConnectionOptions & { afterEventNumber?: number } = {},
  ): AsyncGenerator<SessionEvent, void, undefined> {
    return watch(this.#addresses, { sessionId, afterEventNumber: options.afterEventNumber ?? 0 }, options);
  }
}

async function feed(session: Session, audio: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  for await (const chunk of audio) {
    if (session.isOver) return;
    await session.sendAudio(chunk);
  }
  session.finish();
}
