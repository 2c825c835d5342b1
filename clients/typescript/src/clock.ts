// The session's clock counts samples; on the wire they are durations.

import type { Duration } from "./gen/google/protobuf/duration.js";

export const RATE_HERTZ = 16_000;
const NANOS_PER_SAMPLE = 1_000_000_000 / RATE_HERTZ;

/** Samples as a duration, exactly. */
export function duration(samples: number): Duration {
  return { seconds: Math.floor(samples / RATE_HERTZ), nanos: (samples % RATE_HERTZ) * NANOS_PER_SAMPLE };
}

/** The samples in a duration, rounded down. */
export function samplesOf(duration: Duration | undefined): number {
  if (duration === undefined) return 0;
  return duration.seconds * RATE_HERTZ + Math.floor(duration.nanos / NANOS_PER_SAMPLE);
}

/** A duration in milliseconds. */
export function msOf(duration: Duration | undefined): number {
  return duration === undefined ? 0 : duration.seconds * 1000 + duration.nanos / 1e6;
}
