// Whether to try again after a break, and when. It decides; it neither connects nor waits.

import { status } from "@grpc/grpc-js";
import { TranslateError } from "./errors.js";

const FIRST_DELAY_MS = 100;
/** A server that is back serves its clients again within two seconds. */
const MAX_DELAY_MS = 1_000;
/** A stream that broke sooner than this had not been repaired. */
const STEADY_MS = 2_000;

const OF_THE_TRANSPORT = [status.INTERNAL, status.UNKNOWN]; // where the server itself explained nothing
const PASSING = [status.UNAVAILABLE, status.CANCELLED, status.DEADLINE_EXCEEDED, status.RESOURCE_EXHAUSTED];

/** How to go on when a connection breaks, or cannot be had. */
export interface ConnectionOptions {
  /** How long to try to go on after a break; 120,000 by default. 0: the break is raised at once. */
  reconnectMs?: number;
  /** How long to ask again where no server has room, each time when it says so. 0, the default: that is raised. */
  admissionMs?: number;
  /** Called with the reason each time that another attempt follows. */
  onBreak?: (error: TranslateError) => void;
}

/**
 * Follows one session's or viewer's connection from break to break.
 *
 * The first attempt comes at once; the pauses before later ones are drawn at random below a bound that doubles from
 * 0.1 s to 1 s, so that the clients of a server that died do not come back all at the same instant.
 */
export class Recovery {
  readonly #reconnectMs: number;
  readonly #admissionMs: number;
  readonly #tell: (error: TranslateError) => void;
  #openingsLeft: number;
  #refusal: { error: TranslateError; comeBackAt: number } | undefined; // the last one since all addresses were asked
  #refusedAt: number | undefined; // first
  #lostAt: number | undefined;
  #workingSince: number | undefined;
  #attempts = 0;

  constructor(
    private readonly addressCount: number,
    options: ConnectionOptions = {},
    private readonly now: () => number = () => performance.now(),
    private readonly random: () => number = Math.random,
  ) {
    this.#openingsLeft = addressCount - 1;
    this.#reconnectMs = options.reconnectMs ?? 120_000;
    this.#admissionMs = options.admissionMs ?? 0;
    this.#tell = options.onBreak ?? (() => undefined);
  }

  /**
   * Returns the milliseconds to wait before another attempt; throws the error where none is of use.
   *
   * What was never open is tried once at each address, without a pause; where there is no room, again when the server
   * says, if the caller has the time. What was open can be resumed, if anything can.
   */
  noteFailure(error: TranslateError, stood: { isOpen: boolean; canResume: boolean }): number {
    if (!canHeal(error)) throw error;
    if (stood.isOpen && !stood.canResume) throw error;
    const delayMs = stood.isOpen ? this.#noteBreak(error) : this.#noteUnopened(error);
    this.#tell(error);
    return delayMs;
  }

  /** Takes in that the server has answered on the stream. */
  noteWorking(): void {
    this.#workingSince ??= this.now();
  }

  #noteBreak(error: TranslateError): number {
    if (this.#lostAt === undefined || this.#wasSteady()) {
      this.#lostAt = this.now();
      this.#attempts = 0;
    }
    this.#workingSince = undefined;
    const delayMs = Math.max(this.#pauseMs(), error.retryDelayMs);
    if (this.now() - this.#lostAt + delayMs > this.#reconnectMs || this.#reconnectMs === 0) throw error;
    this.#attempts += 1;
    return delayMs;
  }

  #noteUnopened(error: TranslateError): number {
    const now = this.now();
    if (error.retryDelayMs > 0) {
      this.#refusal = { error, comeBackAt: now + error.retryDelayMs };
      this.#refusedAt ??= now;
    }
    if (this.#openingsLeft > 0) {
      this.#openingsLeft -= 1;
      return 0;
    }
    const refusal = this.#refusal; // of one address, though others should be away
    this.#refusal = undefined;
    if (refusal === undefined || this.#refusedAt === undefined) throw error;
    if (refusal.comeBackAt - this.#refusedAt > this.#admissionMs) throw refusal.error;
    this.#openingsLeft = this.addressCount - 1;
    return Math.max(0, refusal.comeBackAt - now);
  }

  #wasSteady(): boolean {
    return this.#workingSince !== undefined && this.now() - this.#workingSince >= STEADY_MS;
  }

  #pauseMs(): number {
    if (this.#attempts === 0) return 0;
    return this.random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.#attempts - 1, 10));
  }
}

/** Whether the same request may succeed over another connection. */
export function canHeal(error: TranslateError): boolean {
  if (OF_THE_TRANSPORT.includes(error.code)) return error.reason === "";
  return PASSING.includes(error.code) && error.reason !== "CLIENT_STALLED";
}
