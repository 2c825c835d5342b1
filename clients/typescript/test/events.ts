// Events as a server sends them.

import { duration } from "../src/clock.js";
import { SessionEvent } from "../src/gen/livetranslate/v1/gateway.js";

export function started(resumeToken = "token"): SessionEvent {
  return SessionEvent.fromPartial({
    event: { $case: "sessionStarted", value: { sessionId: "session", resumeToken } },
  });
}

export function checkpoint(sample: number, lastEventNumber = 0): SessionEvent {
  const value = { durableOffset: duration(sample), lastEventNumber };
  return SessionEvent.fromPartial({ event: { $case: "checkpoint", value } });
}

export function transcript(segmentId: string, isFinal: boolean, eventNumber = 0): SessionEvent {
  const value = { revision: { segmentId, isFinal } };
  return SessionEvent.fromPartial({ eventNumber, event: { $case: "transcript", value } });
}

export function translation(segmentId: string, languageCode: string, isFinal: boolean): SessionEvent {
  const value = { revision: { segmentId, languageCode, isFinal } };
  return SessionEvent.fromPartial({ event: { $case: "translation", value } });
}

export function speech(segmentId: string, clause: number, isLast: boolean): SessionEvent {
  const value = { languageCode: "es", audio: { segmentId, clause, isLast } };
  return SessionEvent.fromPartial({ event: { $case: "speech", value } });
}
