// Following somebody else's session, however often the connection breaks.

import { setTimeout as sleep } from "node:timers/promises";
import { type Addresses, limitConnecting } from "./connection.js";
import { TranslateError } from "./errors.js";
import type { SessionEvent, WatchSessionRequest, WatchSessionResponse } from "./gen/livetranslate/v1/gateway.js";
import { type ConnectionOptions, Recovery } from "./recovery.js";

/** A connection that does not come about has failed by then. */
const CONNECTED_AFTER_MS = 5_000;

/** Yields a session's events until the summary; after a break, those after the last that was received. */
export async function* watch(
  addresses: Addresses,
  request: WatchSessionRequest,
  options: ConnectionOptions,
): AsyncGenerator<SessionEvent, void, undefined> {
  const recovery = new Recovery(addresses.count, options);
  let wasOpen = false;
  let isOver = false;
  for (;;) {
    const openedAt = performance.now();
    const address = addresses.current;
    const connection = addresses.connect();
    const call = connection.watchSession(request);
    const timer = limitConnecting(connection, call);
    call.on("error", () => undefined); // whoever iterates gets it; one that comes after the loop concerns nobody
    try {
      for await (const { event } of call as AsyncIterable<WatchSessionResponse>) {
        if (event === undefined) continue;
        recovery.noteWorking();
        wasOpen = true;
        isOver ||= event.event?.$case === "summary";
        request.afterEventNumber = Math.max(request.afterEventNumber, event.eventNumber);
        yield event;
      }
      return;
    } catch (raised) {
      const error = TranslateError.from(raised);
      if (isOver) return;
      if (!(error instanceof TranslateError)) throw error;
      wasOpen ||= performance.now() - openedAt >= CONNECTED_AFTER_MS;
      const delayMs = recovery.noteFailure(error, { isOpen: wasOpen, canResume: true });
      addresses.moveOn(address);
      await sleep(delayMs);
    } finally {
      clearTimeout(timer);
      call.cancel();
      connection.close();
    }
  }
}
