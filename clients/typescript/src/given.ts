// What the caller has been given for good, so that a resumed session repeats nothing.

import type { SessionEvent } from "./gen/livetranslate/v1/gateway.js";

/** One of the texts or stretches of speech of a segment, and whether this event is its last. */
interface Part {
  segmentId: string;
  isSpeech: boolean;
  key: string;
  isLast: boolean;
}

/**
 * The parts whose last piece the caller has. Of those nothing more is of use: no final again, no draft, no speech.
 *
 * Parts before the watermark are forgotten; their texts count as given. So there are never more than those of the
 * audio that is kept.
 */
export class Given {
  readonly #complete = new Map<string, string>(); // segments by part
  #lastSettled = ""; // segments up to it are before the watermark; their speech may still come

  /** Whether the caller is to have the event; notes it, if it is the last of its part. */
  admit(event: SessionEvent): boolean {
    const part = partOf(event);
    if (part === undefined) return true;
    const isSettled = !part.isSpeech && part.segmentId <= this.#lastSettled;
    if (isSettled || this.#complete.has(part.key)) return false;
    if (part.isLast) this.#complete.set(part.key, part.segmentId);
    return true;
  }

  /** Forgets the segments that start before a sample: they are durable, and not sent again. */
  forgetBefore(sample: number): void {
    const firstKept = String(sample).padStart(12, "0");
    for (const [key, segmentId] of this.#complete) {
      if (segmentId >= firstKept) continue;
      this.#complete.delete(key);
      if (segmentId > this.#lastSettled) this.#lastSettled = segmentId;
    }
  }
}

function partOf({ event }: SessionEvent): Part | undefined {
  switch (event?.$case) {
    case "transcript": {
      const { segmentId = "", isFinal = false } = event.value.revision ?? {};
      return { segmentId, isSpeech: false, key: `${segmentId} transcript`, isLast: isFinal };
    }
    case "translation": {
      const { segmentId = "", languageCode = "", isFinal = false } = event.value.revision ?? {};
      return { segmentId, isSpeech: false, key: `${segmentId} translation ${languageCode}`, isLast: isFinal };
    }
    case "speech": {
      const { segmentId = "", clause = 0, isLast = false } = event.value.audio ?? {};
      return { segmentId, isSpeech: true, key: `${segmentId} ${event.value.languageCode} ${clause}`, isLast };
    }
    default:
      return undefined;
  }
}
